"""Colours of the grades: 默认配色, editable, and never called a standard's.

The numbers stand in ``resources/standards/risk_colors.csv`` with their source and status.
"""

import csv
from functools import cache

from layers.resources import resource

GRADES = ("low", "medium_low", "medium", "medium_high", "high")


@cache
def palettes() -> dict[str, dict[str, str]]:
    """Palette → grade (or ``nodata``) → ``#rrggbb``."""
    found: dict[str, dict[str, str]] = {}
    with resource("standards", "risk_colors.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["palette"], {})[row["grade"]] = row["color"]
    return found


@cache
def ramps() -> dict[str, tuple[str, ...]]:
    """Name → colours of the ramps for classes: all safe for colour-blind readers, light to dark or diverging.

    Their sources stand in ``resources/styles/ramps.csv``.
    """
    with resource("styles", "ramps.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: tuple(row["colors"].split()) for row in csv.DictReader(file)}


def grade_colours(palette: str = "warm_red") -> dict[str, str]:
    """Grade → ``#rrggbb`` for the five grades and ``nodata``.

    Raises
    ------
    KeyError
        No such palette.
    """
    return palettes()[palette]
