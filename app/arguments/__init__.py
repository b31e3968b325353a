"""The words that the command line understands. Light: nothing here imports the domain's heavy parts."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from app import __version__
from app.arguments.shelters import relief_words, shelter_words
from app.arguments.simulation import simulate_words, terrain_words
from layers.words import LANGUAGES, Language

HAZARDS = ("flood", "inundation", "earthquake", "shaking", "fire", "drought", "wind_hail")
MODELLED = HAZARDS[:5]
SITING = ("p-median", "max-cover", "set-cover", "p-center")


def _default_language() -> Language:
    asked = os.environ.get("RISKATLAS_LANGUAGE", "zh_CN")
    return "en" if asked.startswith("en") else "zh_CN"


def _common() -> argparse.ArgumentParser:
    """Options that may stand before the verb or after it: what stands nowhere overwrites nothing."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", help="print one JSON object for machines")
    common.add_argument("--language", choices=LANGUAGES)
    return common


def parser() -> argparse.ArgumentParser:
    """Every verb with its options."""
    common = _common()
    found = argparse.ArgumentParser(
        prog="riskatlas", description="风险一张图: natural-hazard risk maps by region", parents=[_common()]
    )
    found.set_defaults(json=False, language=_default_language())
    found.add_argument("--version", action="version", version=f"riskatlas {__version__}")
    verbs = found.add_subparsers(dest="verb", metavar="VERB")

    def verb(name: str, meaning: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=meaning, description=meaning, parents=[common])

    _project(verb("open", "open the window on a project"))
    verb("open-sample", "open the window on the sample project")
    _out(verb("demo", "sample project, overlay, hazard maps by county, web map, table book"), Path("out"))
    new = _project(verb("new", "make a project"))
    new.add_argument("--sample", action="store_true", help="with the sample layers of Hengshui")
    _project(verb("info", "what a project holds"))
    bring = _project(verb("import", "bring files into a project"))
    bring.add_argument("files", type=Path, nargs="+", metavar="FILE")
    bring.add_argument("--as", dest="kind", default="auto", help="layer kind of the catalogue")
    bring.add_argument("--encoding", default="auto")
    bring.add_argument("--crs", default="auto", help="CRS of the files, for example EPSG:4490")
    bring.add_argument(
        "--gcj02",
        default="auto",
        choices=("auto", "yes", "no", "gcj02", "bd09"),
        help="shift of web maps to be taken out; yes is gcj02",
    )
    bring.add_argument("--layer", default="", help="layer of a file that has several")
    send = _project(verb("export", "write a layer to a file: .shp .gpkg .geojson .csv .xlsx"))
    send.add_argument("layer", metavar="LAYER", help="name or title")
    send.add_argument("file", type=Path, metavar="FILE")
    send.add_argument("--crs", default="", help="CRS of the file; the project's by default")
    look = _project(verb("check", "quality rules: one line a finding"))
    look.add_argument("--layer", default="", help="name or title; all by default")
    look.add_argument("--rules", type=Path, help="rules as TOML instead of the project's")
    look.add_argument("--fix", action="store_true", help="carry out the safe fixes as one edit")
    _out(look, None, "XLSX or CSV of the findings")
    lend = _project(verb("checkout", "hand a region's work package out"))
    lend.add_argument("--region", required=True, metavar="CODE")
    lend.add_argument("out", type=Path, metavar="OUT.gpkg")
    home = _project(verb("merge", "bring a work package home"))
    home.add_argument("returned", type=Path, metavar="RETURNED.gpkg")
    home.add_argument(
        "--resolve", type=Path, metavar="FILE", help="JSON: mine, theirs or base for each field"
    )
    home.add_argument("--skip-outside", action="store_true", help="leave out edits outside the region")
    _project(verb("fetch", "copy a project from a network drive to work on it here"))
    sent = _project(verb("send", "put the working copy in its original's place, whole"))
    sent.add_argument("--merge", action="store_true", help="merge what others did there meanwhile")
    sent.add_argument(
        "--resolve", type=Path, metavar="FILE", help="JSON: mine, theirs or base for each field"
    )
    told = _project(verb("log", "every edit: number, time, who, what"))
    told.add_argument("--layer", default="", help="with --uuid: what happened to one feature")
    told.add_argument("--uuid", default="")
    back = _project(verb("undo", "take the last edit back"))
    back.add_argument("--number", type=int, help="an old edit instead, if nothing later depends on it")
    _project(verb("redo", "do again what was undone"))
    overlay = _hazard(_project(verb("overlay", "exposure by region and hazard grade")))
    overlay.add_argument("--unit", choices=("county", "township", "grid"), default="county")
    _out(overlay, None, "CSV or XLSX; printed as CSV without it")
    loss = _hazard(_project(verb("loss", "people hit and displaced, needs and loss by region")), HAZARDS[:4])
    loss.add_argument("--unit", choices=("county", "township"), default="county")
    loss.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="a replacement value, for example rc=3000 (yuan/m²)",
    )
    loss.add_argument("--days", type=int, default=10, help="for how many days food and water are reckoned")
    loss.add_argument("--season", choices=("summer", "winter", "spring_autumn"), default="summer")
    _out(loss, None, "CSV or XLSX (with a sheet of needs); printed as CSV without it")
    floods = _project(verb("scenarios", "floods at several places and return periods: yearly loss and AEP"))
    floods.add_argument(
        "--set", type=Path, required=True, metavar="S.json", help="base, places, periods, spread"
    )
    floods.add_argument("--store", action="store_true", help="keep the results in the project as one edit")
    _out(floods, Path("out"))
    query = _hazard(_project(verb("query", "hazard, exposure and capacity of a region")))
    query.add_argument("--region", default="all", metavar="CODE")
    _out(query, None, "CSV or XLSX; printed as CSV without it")
    sheets = _hazard(_project(verb("map", "risk map of a region, or a series")), MODELLED)
    sheets.add_argument("--region", default="all", metavar="CODE|all")
    sheets.add_argument("--page", default="A3", choices=("A4", "A3", "A2", "A1", "A0"))
    sheets.add_argument("--format", default="pdf", help="pdf, png, svg, or several with commas")
    sheets.add_argument("--maker", default="", help="office that makes the map")
    sheets.add_argument("--review-number", default="", help="审图号; without it the sheet says 内部用图")
    _out(sheets, Path("out"))
    _out(_project(verb("share", "one offline web map")), Path("map.html"))
    _siting(verb("site", "choose sites for demand points, with a bound on how good the plan is"))
    shelter_words(verb("shelters", "choose shelters in a project after an event; write cards and tables"))
    relief_words(verb("relief", "depots, stock, needs, the ten-hour rule, responders, warnings, the grid"))
    simulate_words(verb("simulate", "run a hazard on plain files"), common)
    terrain_words(verb("terrain", "join tiles of ground, treat its sinks, list its low places"))
    verb("warm", "compile the kernels and make the large sample layers")
    return found


def _siting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demand", type=Path, required=True, metavar="D", help="CSV: id, demand")
    parser.add_argument("--matrix", type=Path, metavar="M.csv", help="costs: rows demand, columns candidates")
    parser.add_argument("--candidates", type=Path, metavar="C", help="sites: id and their fields")
    parser.add_argument("--roads", type=Path, metavar="R", help="lines: costs are ways along them")
    parser.add_argument("--travel", choices=("foot", "vehicle"), default="foot", help="metres, or seconds")
    parser.add_argument("--closed-by", type=Path, metavar="H.tif", help="a hazard that closes roads")
    parser.add_argument("--closed-above", type=float, default=0.3, help="its value beyond which it does")
    parser.add_argument("--crs", default="auto", help="CRS of the places and roads")
    parser.add_argument("--objective", required=True, choices=SITING)
    parser.add_argument("--count", type=int, metavar="p", help="sites to open")
    parser.add_argument("--radius", type=float, metavar="m", help="nobody is sent further")
    parser.add_argument("--capacity", metavar="FIELD", help="people a site takes: a field, or one number")
    parser.add_argument("--existing", metavar="FIELD", help="1: the site stays open")
    parser.add_argument("--price", metavar="FIELD", help="what it costs to open the site")
    parser.add_argument("--budget", type=float)
    parser.add_argument("--priority", metavar="FIELD", help="of the demand: how much a person counts")
    parser.add_argument("--penalty", type=float, help="cost of an unmet person (p-median)")
    parser.add_argument("--single-source", action="store_true", help="no demand point is split")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="s")
    parser.add_argument("--gap", type=float, default=0.0, help="stop at this relative gap, for example 0.01")
    _out(parser, Path("out"))


def _project(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("project", type=Path, metavar="P.gpkg")
    return parser


def _hazard(parser: argparse.ArgumentParser, hazards: Sequence[str] = HAZARDS) -> argparse.ArgumentParser:
    parser.add_argument("--hazard", choices=hazards, required=True)
    return parser


def _out(parser: argparse.ArgumentParser, default: Path | None, meaning: str = "where to write") -> None:
    parser.add_argument("--out", type=Path, default=default, help=meaning)
