"""Carrying a scenario set out: run by run into a folder, from which a stopped set goes on."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.errors import BadInput, CannotWrite
from layers.grid import Grid
from layers.hazards.inputs import landcover
from layers.hazards.inundation import simulate
from layers.hazards.inundation.buildings import filled_in
from layers.hazards.inundation_inputs import flood_inputs, resolved
from layers.hazards.inundation_scenario import InundationScenario, flood_depth
from layers.hazards.origin import Origin
from layers.hazards.source import Reading, Source
from layers.layer import Provenance
from layers.progress import Progress, ignore, part
from layers.risk.assessment import exposure_of, lattice_of, whence
from layers.risk.exposure import Exposure
from layers.risk.grades import scale_of
from layers.risk.hazard import HazardResult
from layers.risk.loss import assess_loss
from layers.risk.scenario_set import (
    COUNTED,
    BreachPlace,
    ReturnPeriod,
    RunAnswer,
    ScenarioSet,
    SetAnswer,
    SetRun,
    Spread,
    add_up,
)
from layers.risk.valuation import Valuation
from layers.risk.vulnerability import DepthDamage
from layers.storage.crs import GEOGRAPHIC, transformed_points
from layers.storage.rasters import read_grid, write_grid

DEPTHS = (0.05, 0.5, 1.0)
"""Of the exceedance maps, m."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What all runs of a set share."""

    inputs: Mapping[str, Grid]
    exposure: Exposure
    land: Grid | None
    origin: Origin


def carry_out(
    project: Source,
    chosen: ScenarioSet,
    folder: Path,
    progress: Progress = ignore,
    valuation: Valuation | None = None,
) -> tuple[SetAnswer, Provenance]:
    """Run what is not yet in the folder, then add everything up.

    Parameters
    ----------
    project : Source
    chosen : ScenarioSet
    folder : Path
        Where each run is kept when it is done; one that lies there, of the same scenario, is not made again.
    progress : Progress
        May raise `Cancelled`; the runs done stay.
    valuation : Valuation, optional

    Raises
    ------
    KnownError
        Layers are missing, a breach lies off the terrain, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    worth = valuation or Valuation()
    chosen = replace(chosen, base=resolved(chosen.base, Reading(project)))
    runs = list(chosen.runs())
    ground: Ground | None = None
    steps = np.linspace(0.1, 0.95, len(runs) + 1)
    for run, (start, end) in zip(runs, pairwise(steps), strict=True):
        if kept(folder, run, worth) is None:
            ground = ground or _ground(project, chosen.base, part(progress, 0.0, 0.1))
            answer = run_one(run, ground, worth, part(progress, float(start), float(end)))
            keep(folder, run, worth, answer)
        progress(float(end))
    answers = partial(_kept, folder, worth)
    found = add_up(chosen, answers, DEPTHS)
    progress(1.0)
    about = (ground or _ground(project, chosen.base, ignore)).origin.provenance
    return found, replace(about, model=f"{chosen!r}; {worth!r}")


def _ground(project: Source, base: InundationScenario, progress: Progress) -> Ground:
    reading = Reading(project)
    lattice = lattice_of(project, base.cell)
    inputs = flood_inputs(base, reading, lattice, part(progress, 0.0, 0.6))
    reading.note(base.limits)
    exposure = exposure_of(project, part(progress, 0.6, 1.0))
    land = landcover(reading, lattice_of(project))
    empty = Grid(np.full(lattice.shape, np.nan), lattice)
    origin = reading.origin(repr(base))
    found = HazardResult("inundation", None, empty, None, base, None, origin=origin)
    return Ground(inputs, exposure, land, whence(found, exposure, DepthDamage()))


def run_one(run: SetRun, ground: Ground, valuation: Valuation, progress: Progress = ignore) -> RunAnswer:
    """One run: the greatest depths, and people and loss by unit.

    Parameters
    ----------
    run : SetRun
    ground : Ground
    valuation : Valuation
    progress : Progress
    """
    scenario = replace(run.model.scenario(ground.inputs), times=(), gauges=(), sections=())
    flood = simulate(scenario, part(progress, 0.0, 0.9))
    taken = run.model.taken(ground.inputs)
    depth, scale = flood_depth(scenario, flood, taken), scale_of("flood_depth")
    graded = scale.graded(depth)
    found = HazardResult("inundation", depth, graded, scale, run.model, None, origin=ground.origin)
    rating = flood.grid("hazard_rating")
    if taken is not None:
        filled_in(rating.values, taken, np.isfinite(flood.grids["depth_max"]))
    lost = assess_loss(
        found, ground.exposure, DepthDamage(), valuation, ground.origin, land=ground.land, rating=rating
    )
    tables = {unit: lost.by(unit) for unit in ("county", "township") if len(lost.by(unit))}
    kept_columns = {unit: table[["code", "name", *COUNTED]] for unit, table in tables.items()}
    progress(1.0)
    return RunAnswer(depth, kept_columns, flood.summary)


def keep(folder: Path, run: SetRun, valuation: Valuation, answer: RunAnswer) -> None:
    """Put a run into the folder; its ``.json``, written last, says that it is whole.

    Raises
    ------
    CannotWrite
    """
    try:
        write_grid(answer.depth, folder / f"{run.key}.tif")
        for unit, table in answer.by_unit.items():
            table.to_csv(folder / f"{run.key}_{unit}.csv", index=False)
        facts = {"recipe": _recipe(run, valuation), "units": list(answer.by_unit), "summary": answer.summary}
        aside = folder / f".{run.key}.json"
        aside.write_text(json.dumps(facts, ensure_ascii=False, indent=2), encoding="utf-8")
        aside.replace(folder / f"{run.key}.json")
    except OSError as error:
        raise CannotWrite("file_unwritable", path=folder) from error


def kept(folder: Path, run: SetRun, valuation: Valuation) -> RunAnswer | None:
    """A run from the folder; None if it is not there whole, or was of another scenario."""
    path = folder / f"{run.key}.json"
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if facts.get("recipe") != _recipe(run, valuation):
        return None
    text = {"code": str, "name": str}
    tables = {
        unit: pd.read_csv(folder / f"{run.key}_{unit}.csv", dtype=text, keep_default_na=False)
        for unit in facts["units"]
    }
    return RunAnswer(read_grid(folder / f"{run.key}.tif"), tables, facts["summary"])


def _kept(folder: Path, valuation: Valuation, run: SetRun) -> RunAnswer:
    found = kept(folder, run, valuation)
    assert found is not None
    return found


def _recipe(run: SetRun, valuation: Valuation) -> str:
    return f"{run.model!r}; {valuation!r}"


WORDS = frozenset({"base", "places", "periods", "spread"})


def read_set(path: Path, crs: str) -> ScenarioSet:
    """A scenario set from JSON: ``base, places, periods, spread``; degrees become metres of the project.

    Parameters
    ----------
    path : Path
    crs : str
        Of the project.

    Raises
    ------
    BadInput
        It is no such file; what is wrong is told.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
        if unknown := ", ".join(sorted(set(given) - WORDS)):
            raise BadInput("set_word", path=path, word=unknown)
        places = tuple(_place(each, crs) for each in given["places"])
        periods = tuple(ReturnPeriod(**each) for each in given["periods"])
        base = InundationScenario(**_tuples(given.get("base", {})))
        spread = given.get("spread")
        factors = Spread(**_tuples(spread)) if isinstance(spread, dict) else Spread() if spread else None
        chosen = ScenarioSet(base, places, periods, factors)
        deque(chosen.runs(), maxlen=0)  # each run says what cannot be before the first begins
        return chosen
    except BadInput:
        raise
    except OSError as error:
        raise BadInput("set_unreadable", path=path, why=error.strerror) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("set_unreadable", path=path, why=str(error)) from error


def _place(given: dict[str, Any], crs: str) -> BreachPlace:
    place = BreachPlace(**given)
    if abs(place.x) > 180 or abs(place.y) > 90:
        return place
    x, y = transformed_points(np.array([place.x]), np.array([place.y]), GEOGRAPHIC, crs)
    return replace(place, x=float(x[0]), y=float(y[0]))


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    """Lists as tuples: a frozen value holds no lists."""
    return {name: _frozen(value) for name, value in given.items()}


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
