"""The words of the verbs that answer for hazards: exposure, loss, maps."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from app.arguments.parts import Verb, add_out, add_project, whole

HAZARDS = ("flood", "inundation", "earthquake", "shaking", "fire", "drought", "wind_hail")
MODELLED = HAZARDS[:5]


def risk_words(verb: Verb) -> None:
    """Overlay, loss, scenarios, query, map, web map."""
    overlay = _with_hazard(add_project(verb("overlay", "exposure by region and hazard grade")))
    overlay.add_argument("--unit", choices=("county", "township", "grid"), default="county")
    add_out(overlay, None, "CSV or XLSX; printed as CSV without it")
    _loss(verb)
    floods = add_project(
        verb("scenarios", "floods at several places and return periods: yearly loss and AEP")
    )
    floods.add_argument(
        "--set", type=Path, required=True, metavar="S.json", help="base, places, periods, spread"
    )
    floods.add_argument("--store", action="store_true", help="keep the results in the project as one edit")
    add_out(floods, Path("out"))
    query = _with_hazard(add_project(verb("query", "hazard, exposure and capacity of a region")))
    query.add_argument("--region", default="all", metavar="CODE")
    add_out(query, None, "CSV or XLSX; printed as CSV without it")
    _sheets(verb)
    add_out(add_project(verb("share", "one offline web map")), Path("map.html"))


def _loss(verb: Verb) -> None:
    loss = _with_hazard(
        add_project(verb("loss", "people hit and displaced, needs and loss by region")), HAZARDS[:4]
    )
    loss.add_argument("--unit", choices=("county", "township"), default="county")
    loss.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="a replacement value, for example rc=3000 (yuan/m²)",
    )
    loss.add_argument("--days", type=whole, default=10, help="for how many days food and water are reckoned")
    loss.add_argument("--season", choices=("summer", "winter", "spring_autumn"), default="summer")
    add_out(loss, None, "CSV or XLSX (with a sheet of needs); printed as CSV without it")


def _sheets(verb: Verb) -> None:
    sheets = _with_hazard(add_project(verb("map", "risk map of a region, or a series")), MODELLED)
    sheets.add_argument("--region", default="all", metavar="CODE|all")
    sheets.add_argument("--page", default="A3", choices=("A4", "A3", "A2", "A1", "A0"))
    sheets.add_argument("--format", default="pdf", help="pdf, png, svg, or several with commas")
    sheets.add_argument("--hatched", action="store_true", help="hatches too, for printers without colour")
    sheets.add_argument("--maker", default="", help="office that makes the map")
    sheets.add_argument("--review-number", default="", help="审图号; without it the sheet says 内部用图")
    add_out(sheets, Path("out"))


def _with_hazard(
    parser: argparse.ArgumentParser, hazards: Sequence[str] = HAZARDS
) -> argparse.ArgumentParser:
    parser.add_argument("--hazard", choices=hazards, required=True)
    return parser
