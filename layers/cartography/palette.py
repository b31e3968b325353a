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


def grade_colours(palette: str = "warm_red") -> dict[str, str]:
    """Grade → ``#rrggbb`` for the five grades and ``nodata``.

    Raises
    ------
    KeyError
        No such palette.
    """
    return palettes()[palette]
