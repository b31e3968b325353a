"""What `simulate flood` does: files in, a run, files out, whole or not at all."""

import argparse
import json
from pathlib import Path
from typing import Any

from app.reckoning import Reckoning
from app.verbs.shared import safely_stopped
from app.whole import whole_folder
from layers.errors import BadInput, CannotWrite, KnownError
from layers.grid import Grid
from layers.hazards.inundation import Inundation, Rain, Scenario, Structures, simulate
from layers.hazards.inundation.buildings import Standing, covered_share
from layers.hazards.inundation.checks import warnings_of
from layers.hazards.inundation.extent import write_flooded
from layers.hazards.inundation.files import (
    read_gauges,
    read_inflows,
    read_losses,
    read_on,
    read_rain,
    read_sections,
    read_sides,
    read_terrain,
    read_zoned_rain,
    write_raster,
)
from layers.hazards.inundation.rain_series import RainSeries
from layers.hazards.inundation.refusals import check_sense
from layers.hazards.inundation.room import check_room
from layers.hazards.inundation.run import UNITS
from layers.hazards.inundation.series_files import is_series, read_rain_series
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.storms import read_storm
from layers.hazards.inundation.structure_files import read_structures
from layers.layer import VectorLayer
from layers.progress import Cancelled
from layers.storage.formats import read_file
from layers.words import say

FLOODED = "flooded.gpkg"


def flood(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Run a flood on plain files; what would be lost at the end is refused before the beginning."""
    _check_words(options)
    check_room(options.dem, options.scheme)
    scenario, status = _scenario(options)
    check_sense(scenario)
    notes = [say("flood.storm", reckoning.language, status=status)] if status else []
    notes += [say(f"flood.{key}", reckoning.language, **facts) for key, facts in warnings_of(scenario)]
    with whole_folder(options.out) as draft:
        found = _simulated(scenario, options, reckoning, notes)
        late = [say(f"flood.{key}", reckoning.language, **facts) for key, facts in found.warnings]
        for note in late:
            reckoning.warn("cli.flood_warning", warning=note)
        summary = {**found.summary, "warnings": notes + late, "files": _inputs(options), "method": _METHOD}
        names: dict[str, list[str]] = {}
        for text, time in dict(options.times).items():
            names.setdefault(f"{time:.12g}", []).append(text)
        written = [options.out / path.name for path in _write(found, summary, names, draft)]
        if options.polygons:
            write_flooded(found.grids["depth_max"], found.lattice, scenario.wet_depth, draft / FLOODED)
            written.append(options.out / FLOODED)
    mass = found.summary["mass"]
    reckoning.tell(
        "cli.flood_done",
        duration=scenario.duration / 3600,
        steps=found.summary["steps"],
        seconds=found.summary["wall_s"],
        error=mass["error_relative"],
    )
    for path in written:
        reckoning.wrote(path)
    return {"wrote": written, **summary}


_METHOD = {
    "gauges": "depth and speed bilinear between cell centres, level bilinear between wet cell centres",
    "arrival_h": "first time with at least wet_depth_m; no data where never",
    "duration_h": "time with at least wet_depth_m",
    "hazard_rating": "HR = d (v + 0.5) + DF, greatest in time; "
    "DF 1 where d > 0.25 m or v > 2 m/s (DEFRA FD2321)",
    "buildings": "share of each cell in sixteenths; block: closed, no data in the outputs; "
    "raise: bed raised; roughen: n + share (n_building - n)",
    "speed_max": "mean of opposite faces; of water of at least 1 mm",
    "inflows": "volume into the cell of the point, linear in time, first and last values held",
    "sections": "discharge from the left to the right of the line as its points run, at the gauge interval",
    "rain": "each intensity holds until the next row or raster; rain_m3 is what ran, "
    "rain_soaked_m3 what the ground took",
}


_NEEDS = {"rain_zones": ("rain",), "rain_times": ("rain",), "land": ("losses",), "losses": ("rain", "storm")}


def _check_words(options: argparse.Namespace) -> None:
    """Refuse what would do nothing, and a place where a run could not be kept.

    Raises
    ------
    BadInput
    CannotWrite
    """
    for name, needs in _NEEDS.items():
        if getattr(options, name) and not any(getattr(options, each) for each in needs):
            told = " / --".join(needs)
            raise BadInput("flood_alone", option=name.replace("_", "-"), needs=told)
    if options.keep and not options.keep.absolute().parent.is_dir():
        raise CannotWrite("file_unwritable", path=options.keep)


def _simulated(
    scenario: Scenario, options: argparse.Namespace, reckoning: Reckoning, notes: list[str]
) -> Inundation:
    """The run; Ctrl-C stops it at a safe point, where it is kept if that was asked for.

    The notes are told once it is under way: a run that is refused says one thing.
    """
    untold = list(notes)
    tell = reckoning.progress("cli.simulating_flood")

    def listen(fraction: float) -> None:
        while untold:
            reckoning.warn("cli.flood_warning", warning=untold.pop(0))
        tell(fraction)

    try:
        with safely_stopped(listen) as progress:
            return simulate(scenario, progress, resume=options.resume, keep_in=options.keep)
    except Cancelled as stopped:
        if options.keep:
            raise KnownError("flood_kept", path=options.keep) from stopped
        raise KeyboardInterrupt from stopped


def _scenario(options: argparse.Namespace) -> tuple[Scenario, str]:
    """The scenario, and the status of the formula of its storm."""
    terrain = read_terrain(options.dem)
    manning = _manning(options.manning, terrain)
    if options.buildings:
        terrain, manning = _built(options, terrain, manning)
    rain, status = _rain(options, terrain)
    structures = read_structures(options.structures) if options.structures else Structures()
    along = [each for line in structures.inflows for each in line.spread(terrain.lattice.cell)]
    inflows = (*(read_inflows(options.inflow) if options.inflow else ()), *along)
    scenario = Scenario(
        terrain=terrain,
        manning=manning,
        duration=options.duration,
        initial=read_on(options.initial, terrain, "m") if options.initial else None,
        rain=rain,
        loss=read_losses(options.losses, terrain, options.land) if options.losses else None,
        inflows=inflows,
        sides=read_sides(options.boundary),
        gauges=read_gauges(options.gauges) if options.gauges else (),
        sections=read_sections(options.sections) if options.sections else (),
        gauge_interval=options.gauge_interval,
        times=tuple(time for _, time in options.times),
        structures=structures,
        scheme=options.scheme,
        threads=options.threads,
        wet_depth=options.wet_depth,
    )
    return scenario, status


def _rain(options: argparse.Namespace, terrain: Grid) -> tuple[Rain | Zoned | RainSeries | None, str]:
    if options.rain and options.storm:
        raise BadInput("flood_rain_both")
    if options.storm:
        storm, status = read_storm(options.storm)
        return storm.rain(), status
    if not options.rain:
        return None, ""
    if is_series(options.rain):
        times = [time for _, time in options.rain_times]
        return read_rain_series(options.rain, terrain, times), ""
    if options.rain_zones:
        return read_zoned_rain(options.rain, read_on(options.rain_zones, terrain, "")), ""
    return read_rain(options.rain), ""


def _manning(text: str, terrain: Grid) -> Grid | float:
    try:
        return float(text)
    except ValueError:
        return read_on(Path(text), terrain, "s/m^(1/3)")


def _built(options: argparse.Namespace, terrain: Grid, manning: Grid | float) -> tuple[Grid, Grid | float]:
    """Ground and roughness with buildings in the way."""
    numbers = (options.building_share, options.building_height, options.building_manning)
    standing = Standing(options.buildings_as, *numbers)
    crs = terrain.lattice.crs
    if not crs:
        raise BadInput("flood_buildings_crs", path=options.dem)
    layer = read_file(options.buildings, kind="building", target_crs=crs).layer
    if not isinstance(layer, VectorLayer) or layer.shapes.kind != "polygon":
        raise BadInput("flood_buildings_shape", path=options.buildings)
    covered = covered_share(layer.shapes, terrain.lattice)
    return terrain.like(standing.bed(terrain.values, covered)), standing.manning(manning, covered)


def _inputs(options: argparse.Namespace) -> dict[str, str]:
    names = (
        "dem", "manning", "initial", "rain", "rain_zones", "storm", "inflow", "boundary", "gauges",
        "sections", "structures", "losses", "land", "buildings",
    )  # fmt: skip
    return {name: str(getattr(options, name)) for name in names if getattr(options, name)}


def _write(
    found: Inundation, summary: dict[str, Any], names: dict[str, list[str]], folder: Path
) -> list[Path]:
    written = []
    for key, values in found.grids.items():
        kind, _, time = key.partition("@")
        for ending in [f"_{text}" for text in names[time]] if time else [""]:
            written.append(folder / f"{kind}{ending}.tif")
            write_raster(values, found.lattice, written[-1], UNITS[kind])
    gauges, told = folder / "gauges.csv", folder / "summary.json"
    found.gauges.to_csv(gauges, index=False)
    if len(found.sections):
        written.append(folder / "sections.csv")
        found.sections.to_csv(written[-1], index=False)
    told.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [*written, gauges, told]
