"""Shelter plans found, judged and revived in a process of their own, with all that is needed to go on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.changes import Edit
from layers.grid import Grid
from layers.progress import Progress, ignore
from layers.risk.regions import Regions
from layers.siting.closing import Closing
from layers.siting.network import Network, NetworkReport, Travel
from layers.siting.paths import Access
from layers.siting.priority import PriorityGroup
from layers.siting.problem import Allocation
from layers.siting.residents import Gathering
from layers.siting.rules import Judgement, Rule
from layers.siting.scenario import Scenario
from layers.siting.shelter_plan import Proof, ShelterPlan
from layers.siting.shelter_store import plan_edit
from layers.siting.shelter_wish import Exclusion, ShelterWish
from layers.siting.shelters import ShelterCase
from layers.storage.apart import Laid, apart, take_all
from layers.storage.geopackage import ProjectFile
from layers.storage.shelf import LAYER_KINDS, plain, take
from layers.words import Language

KINDS: tuple[type[Any], ...] = (
    *(ShelterPlan, ShelterCase, ShelterWish, Scenario, Exclusion, Rule, Gathering, Regions, Judgement),
    PriorityGroup,
    *(Access, Network, NetworkReport, Travel, Closing, Grid, Allocation, Proof, *LAYER_KINDS),
)
"""What a plan and its case are made of."""
PREPARED = 0.25
"""Share of the progress that making a case ready takes."""
NEARED = "neared"
"""File in which the search tells how near it is to its bound."""
RUNNER = "layers.siting.runner"


@dataclass(frozen=True, eq=False)
class Found:
    """A plan, and the edit that keeps it; files of the edit go when this does."""

    plan: ShelterPlan
    edit: Edit


def find_plan(
    project: ProjectFile,
    wish: ShelterWish,
    name: str,
    words: str,
    language: Language,
    progress: Progress = ignore,
    neared: Callable[[float], object] | None = None,
) -> Found:
    """The best plan for a wish, and the edit that keeps it with its event.

    Parameters
    ----------
    project : ProjectFile
    wish : ShelterWish
    name : str
        Of the plan.
    words : str
        What the user did, in the user's language.
    language : {"zh_CN", "en"}
    progress : Progress
        If it raises, the process is ended.
    neared : callable, optional
        Told the relative gap while one searches.

    Raises
    ------
    KnownError
        As `layers.siting.shelters.prepare`; and if the process died.
    """

    def made(answer: Laid, folder: Path) -> Found:
        plan: ShelterPlan = take(folder, "plan", KINDS)
        layers, event = take_all(answer, folder), answer["event"]
        edit = plan_edit(project, plan, words, language, layers[:event], layers[event:])
        return Found(plan, edit)

    def look(folder: Path) -> None:
        with suppress(OSError, ValueError):  # not told yet, or being told just now
            gap = float((folder / NEARED).read_text(encoding="ascii"))
            if neared is not None:
                neared(gap)

    asked = {"project": str(project.path), "wish": plain(wish), "name": name}
    asked["language"] = language
    return apart(RUNNER, "find", asked, made, progress, look)


def judge_only(project: ProjectFile, wish: ShelterWish, progress: Progress = ignore) -> ShelterCase:
    """A case without a plan: what the rules say of the candidates."""
    asked = {"project": str(project.path), "wish": plain(wish)}

    def made(answer: Laid, folder: Path) -> ShelterCase:
        case: ShelterCase = take(folder, "case", KINDS)
        return case

    return apart(RUNNER, "judge", asked, made, progress)


def revive(
    project: ProjectFile, names: tuple[str, ...], progress: Progress = ignore, of_then: tuple[str, ...] = ()
) -> dict[str, ShelterPlan]:
    """Stored plans with their cases, by name, some with the numbers of then; those of one wish share one."""
    asked = {"project": str(project.path), "names": names, "as_kept": of_then}
    return apart(RUNNER, "revive", asked, lambda _, folder: _Plans(take(folder, "plans", KINDS)), progress)


class _Plans(dict[str, ShelterPlan]):
    """A plain dictionary cannot be watched, and its files could not go with it."""
