"""The words that `riskatlas simulate` understands."""

import argparse
import os
import re
from pathlib import Path

from app.arguments.parts import amount
from layers.hazards.inundation.buildings import HEIGHT, MODES, ROUGH, SHARE

_UNITS = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}


def simulate_words(simulate: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """The hazards that can be simulated, each with its options."""
    hazards = simulate.add_subparsers(dest="simulated", metavar="HAZARD", required=True)
    meaning = "inundation by rain, inflows and levels at the boundary"
    _flood(hazards.add_parser("flood", help=meaning, description=meaning, parents=[common]))


def _flood(flood: argparse.ArgumentParser) -> None:
    add = flood.add_argument
    add("--dem", type=Path, required=True, metavar="D.tif", help="ground, m; square cells in metres")
    add("--manning", required=True, metavar="n|N.tif", help="Manning's n, one for all or a raster")
    add("--duration", type=span, required=True, help="for example 6h, 30min, 90s")
    add("--initial", type=Path, metavar="depth.tif", help="depth of water at the start, m")
    add(
        "--rain",
        type=Path,
        metavar="R.csv|R.tif|DIR",
        help="[zone,] time_h, mm_per_h; each row holds until the next; or rasters of mm/h on any grid over "
        "the ground: bands with their times, or a folder with times.csv: file, time_h",
    )
    add(
        "--rain-times",
        type=_instants,
        default=[],
        metavar="0,1h,2h",
        help="times of the bands of R.tif, if they carry none",
    )
    add("--rain-zones", type=Path, metavar="Z.tif", help="numbers of the zones of the rain")
    add("--storm", metavar="PLACE:P=20,minutes=120[,r=0.4]", help="design storm by a rainstorm formula")
    add(
        "--losses",
        metavar="L",
        help="cn:75 | horton:f0,fc,k (mm/h, 1/h) | green-ampt:K,psi,dtheta (mm/h, mm) | cn:CN.tif | "
        "L.csv: class, loss",
    )
    add("--land", type=Path, metavar="C.tif", help="classes of land or soil, for --losses L.csv")
    add("--inflow", type=Path, metavar="I.csv", help="name, x, y, time_h, m3_per_s; linear in time")
    add("--boundary", default="closed", help="closed | open | W=closed,E=open,N=level:L.csv,S=slope:0.001")
    add("--gauges", type=Path, metavar="G.csv", help="name, x, y")
    add("--gauge-interval", type=span, default=10.0, help="10s by default")
    add("--sections", type=Path, metavar="S.csv", help="name, x, y: lines whose discharge is told")
    add("--polygons", action="store_true", help="also write flooded.gpkg, by class of depth")
    add("--times", type=_instants, default=[], metavar="1h,2h", help="when depths are also written")
    add(
        "--structures",
        type=Path,
        metavar="S.json",
        help="levees, breaches, culverts, gates, pumps, inflows along lines",
    )
    add("--buildings", type=Path, metavar="B.gpkg", help="footprints that stand in the way of the water")
    add(
        "--buildings-as",
        choices=MODES,
        default=MODES[0],
        help="block: cells covered by --building-share or more are closed; raise: they are raised by "
        "--building-height; roughen: n goes to --building-manning by the share covered",
    )
    add("--building-share", type=float, default=SHARE, metavar="0..1", help=f"{SHARE:g} by default")
    add("--building-height", type=float, default=HEIGHT, metavar="m", help=f"{HEIGHT:g} by default")
    add("--building-manning", type=float, default=ROUGH, metavar="n", help=f"{ROUGH:g} by default (recalled)")
    add("--scheme", choices=("local-inertial", "shallow-water"), default="local-inertial")
    add("--threads", type=_threads, default=os.cpu_count() or 1)
    add("--wet-depth", type=float, default=0.01, help="from which depth ground counts as flooded, m")
    add("--keep", type=Path, metavar="K.npz", help="when stopped with Ctrl-C, keep the run here")
    add("--resume", type=Path, metavar="K.npz", help="go on with a run that was kept")
    add("--out", type=Path, required=True, metavar="DIR")


def terrain_words(terrain: argparse.ArgumentParser) -> None:
    """The options of `riskatlas terrain`."""
    add = terrain.add_argument
    add(
        "tiles",
        type=Path,
        nargs="+",
        metavar="D.tif",
        help="ground, m; the first tile stands where several do",
    )
    add("--burn", type=Path, metavar="RIVERS.gpkg", help="lines to be lowered in the ground")
    add("--burn-depth", type=amount, default=1.0, metavar="m", help="by how much, 1 by default")
    add("--sinks", choices=("keep", "fill", "breach"), default="keep", help="what becomes of the sinks")
    add("--least-depth", type=amount, default=0.1, metavar="m", help="of a low place to be listed")
    add("--least-area", type=amount, default=0.0, metavar="m2", help="of a low place to be listed")
    add("--out", type=Path, required=True, metavar="DIR")


def span(text: str) -> float:
    """Seconds from words such as ``6h``, ``30min``, ``90s``; a bare number is seconds."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|min|m|h|d|)\s*", text)
    if not found or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time span such as 6h, 30min or 90s")
    return float(found[1]) * _UNITS[found[2]]


def _instants(text: str) -> list[tuple[str, float]]:
    """Times as they are written, and in seconds; ``0`` and ``0h`` are the beginning."""
    parts = [part.strip() for part in text.split(",")]
    return [(part, 0.0 if re.fullmatch(r"0+(s|min|m|h|d|)", part) else span(part)) for part in parts]


def _threads(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads")
    return int(text)
