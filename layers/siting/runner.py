"""The child of `layers.siting.shelters_apart`: it finds shelter plans, judges candidates, revives plans."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from layers.progress import Progress, part
from layers.siting import transport
from layers.siting.as_kept import amended, as_kept_on
from layers.siting.clock import Watch
from layers.siting.shelter_layers import plan_layers
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_store import cards, event_layers, revived_on, wish_of
from layers.siting.shelters import ShelterCase, prepare
from layers.siting.shelters_apart import KINDS, NEARED, PREPARED
from layers.storage.apart import lay_all, serve_works
from layers.storage.geopackage import ProjectFile
from layers.storage.shelf import lay, of_plain

_TELL = 0.2
"""Seconds between two words about the gap."""


def find(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """The best plan for a wish, its case and layers; and the event, where the project has it not yet."""
    wish = of_plain(asked["wish"], KINDS)
    with _project(asked) as project:
        case = prepare(project, wish, part(progress, 0.0, PREPARED))
        plan = solved(case, asked["name"], part(progress, PREPARED, 0.98), _watch(folder / NEARED))
        event = event_layers(project, wish.scenario, folder)
    _warm_the_hand()
    lay(plan, folder, "plan")
    return {**lay_all([*event, *plan_layers(plan, asked["language"])], folder), "event": len(event)}


def judge(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """A case without a plan."""
    with _project(asked) as project:
        lay(prepare(project, of_plain(asked["wish"], KINDS), progress), folder, "case")
    return {}


def revive(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Stored plans with their cases; plans of one wish share theirs."""
    names, made, plans = asked["names"], dict[str, ShelterCase](), dict[str, ShelterPlan]()
    with _project(asked) as project:
        held = cards(project)
        for number, name in enumerate(names):
            step = part(progress, number / len(names), (number + 1) / len(names))
            key = repr(held[name]["wish"])
            made[key] = made.get(key) or prepare(project, wish_of(held[name]["wish"]), step)
            plans[name] = _revived(project, made[key], name, held[name], name in asked["as_kept"])
    _warm_the_hand()
    lay(plans, folder, "plans")
    return {}


def _warm_the_hand() -> None:
    """What a plan under the hand needs lies compiled before there is one: the window never compiles."""
    with suppress(OSError):  # a folder that cannot be written keeps nothing
        transport.compile_kernels()


def _revived(
    project: ProjectFile, case: ShelterCase, name: str, card: Mapping[str, Any], of_then: bool
) -> ShelterPlan:
    """A stored plan with the numbers of then, or as it stands in the project of now."""
    if of_then:
        return as_kept_on(case, name, card)
    return revived_on(case, name, card, is_proven=not amended(project, card))


def _project(asked: Mapping[str, Any]) -> ProjectFile:
    return ProjectFile.open(Path(asked["project"]), read_only=True)


def _watch(path: Path) -> Watch:
    """Writes how near the search is to its bound."""
    told = 0.0

    def watch(cost: float, bound: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _TELL and cost > 0:
            told = now
            with suppress(OSError):  # a full disk is told by the work itself
                path.write_text(repr((cost - bound) / cost), encoding="ascii")

    return watch


if __name__ == "__main__":
    serve_works({"find": find, "judge": judge, "revive": revive})
