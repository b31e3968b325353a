"""Work of the shelters workspace, for tasks: it reads a project and returns values."""

from dataclasses import dataclass

from layers.changes import Edit
from layers.progress import Progress, part
from layers.siting.clock import Watch
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_store import cards, plan_edit, revived_on, wish_of
from layers.siting.shelters import ShelterCase, ShelterWish, prepare
from layers.storage.geopackage import ProjectFile
from layers.words import Language

PREPARED = 0.25
"""Share of the progress that making a case ready takes."""


@dataclass(frozen=True, eq=False)
class Found:
    """A plan, and the edit that keeps it."""

    plan: ShelterPlan
    edit: Edit


def find_plan(
    project: ProjectFile,
    wish: ShelterWish,
    name: str,
    words: str,
    language: Language,
    progress: Progress,
    watch: Watch,
) -> Found:
    """Solve a wish; the plan with the edit that keeps it."""
    case = prepare(project, wish, part(progress, 0.0, PREPARED))
    plan = solved(case, name, part(progress, PREPARED, 0.98), watch)
    return Found(plan, plan_edit(project, plan, words, language))


def keep_plan(project: ProjectFile, plan: ShelterPlan, words: str, language: Language) -> Found:
    """The edit that keeps a plan made by hand."""
    return Found(plan, plan_edit(project, plan, words, language))


def judge_only(project: ProjectFile, wish: ShelterWish, progress: Progress) -> ShelterCase:
    """A case without a plan: what the rules say of the candidates."""
    return prepare(project, wish, progress)


def revive(project: ProjectFile, names: tuple[str, ...], progress: Progress) -> dict[str, ShelterPlan]:
    """Stored plans with their cases; plans of one wish share theirs."""
    held = cards(project)
    made: dict[str, ShelterCase] = {}
    plans = {}
    for number, name in enumerate(names):
        step = part(progress, number / len(names), (number + 1) / len(names))
        key = repr(held[name]["wish"])
        case = made.get(key) or prepare(project, wish_of(held[name]["wish"]), step)
        made[key] = case
        plans[name] = revived_on(case, name, held[name])
    progress(1.0)
    return plans
