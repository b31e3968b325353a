"""The child of `layers.risk.results`: it runs a hazard's model, or a scenario set."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from layers.hazards import HAZARDS
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.recipe import revived
from layers.progress import Progress, part
from layers.risk.results import run
from layers.risk.scenario_run import carry_out
from layers.risk.scenario_set import BreachPlace, ReturnPeriod, ScenarioSet, Spread
from layers.risk.scenario_store import set_layers
from layers.risk.vulnerability import VULNERABILITIES
from layers.storage.apart import lay_all, serve_works
from layers.storage.geopackage import ProjectFile

M = TypeVar("M")

SET_KINDS = (ScenarioSet, InundationScenario, BreachPlace, ReturnPeriod, Spread)
"""What a scenario set is made of."""


def run_model(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """A hazard's model with the risk and what follows."""
    model, vulnerability = made(asked["model"], HAZARDS), made(asked["vulnerability"], VULNERABILITIES)
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        layers, gone = run(project, asked["hazard"], model, vulnerability, folder, progress)
    return {**lay_all(layers, folder), "instead_of": list(gone)}


def run_set(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """A scenario set: what is not yet done of it, then the sums."""
    chosen, runs = made(asked["set"], SET_KINDS), Path(asked["runs"])
    assert isinstance(chosen, ScenarioSet)
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        found, provenance = carry_out(project, chosen, runs, part(progress, 0.0, 0.97))
        layers = set_layers(project, found, provenance, folder)
    return {**lay_all(layers, folder), "instead_of": []}


def made(recipe: str, kinds: Iterable[type[M]]) -> M | None:
    """The value of a recipe; nothing if that is what it says.

    Raises
    ------
    ValueError
        It names none of the kinds.
    """
    if recipe == repr(None):
        return None
    found = revived(recipe, kinds)
    if found is None:
        raise ValueError(recipe)
    return found


if __name__ == "__main__":
    serve_works({"run": run_model, "set": run_set})
