"""What `terrain` does: tiles in, ground fit for water and its low places out."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from app.reckoning import Reckoning
from app.whole import whole_folder
from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.inundation.files import read_terrain, write_raster
from layers.hazards.terrain import breached, burned, depressions, filled, mosaic
from layers.layer import Shapes, VectorLayer
from layers.storage.formats import read_file

WRITTEN = ("terrain.tif", "depression_depth.tif", "depressions.csv", "terrain.json")


def terrain(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Join tiles, burn rivers in, list the low places, fill or breach the sinks: in this order."""
    _refuse_inputs(options)
    ground, difference = mosaic([read_terrain(path) for path in options.tiles])
    if options.burn:
        lines = _lines(options.burn, ground)
        ground = ground.like(burned(ground, lines, options.burn_depth))
    table, depth = depressions(ground, options.least_depth, options.least_area)
    progress = reckoning.progress("cli.terrain")
    if options.sinks != "keep":
        made = filled if options.sinks == "fill" else breached
        ground = ground.like(made(ground.values, progress))
    facts = {
        "cells": int(np.isfinite(ground.values).sum()),
        "overlap_difference_m": difference,
        "depressions": len(table),
        "depression_area_m2": float(table["area_m2"].sum()),
        "depression_volume_m3": float(table["volume_m3"].sum()),
    }
    with whole_folder(options.out) as draft:
        write_raster(ground.values.astype(np.float32), ground.lattice, draft / "terrain.tif", "m")
        write_raster(depth.astype(np.float32), ground.lattice, draft / "depression_depth.tif", "m")
        table.to_csv(draft / "depressions.csv", index=False)
        text = json.dumps(facts, ensure_ascii=False, indent=2)
        (draft / "terrain.json").write_text(text + "\n", encoding="utf-8")
        wrote = [options.out / name for name in WRITTEN]
    reckoning.tell("cli.terrain_done", count=len(table), volume=facts["depression_volume_m3"])
    for path in wrote:
        reckoning.wrote(path)
    return {"wrote": wrote, **facts}


def _refuse_inputs(options: argparse.Namespace) -> None:
    """What is read is not written over."""
    written = {(options.out / name).resolve() for name in WRITTEN}
    for path in (*options.tiles, options.burn):
        if path is not None and path.resolve() in written:
            raise BadInput("over_input", path=path, folder=options.out)


def _lines(path: Path, ground: Grid) -> Shapes:
    """The lines of a file, in the CRS of the ground."""
    layer = read_file(path, kind="", target_crs=ground.lattice.crs or "EPSG:4548").layer
    if not isinstance(layer, VectorLayer) or layer.shapes.kind not in ("line", "polygon"):
        raise BadInput("terrain_no_lines", path=path)
    return layer.shapes
