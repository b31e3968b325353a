"""The words of the verb `site`."""

import argparse
from pathlib import Path

from app.arguments.parts import add_out, amount

OBJECTIVES = ("p-median", "max-cover", "set-cover", "p-center")


def siting_words(parser: argparse.ArgumentParser) -> None:
    """Demand, sites, ways between them, and what a good plan is."""
    parser.add_argument("--demand", type=Path, required=True, metavar="D", help="CSV: id, demand")
    parser.add_argument("--matrix", type=Path, metavar="M.csv", help="costs: rows demand, columns candidates")
    parser.add_argument("--candidates", type=Path, metavar="C", help="sites: id and their fields")
    parser.add_argument("--roads", type=Path, metavar="R", help="lines: costs are ways along them")
    parser.add_argument("--travel", choices=("foot", "vehicle"), default="foot", help="metres, or seconds")
    parser.add_argument("--closed-by", type=Path, metavar="H.tif", help="a hazard that closes roads")
    parser.add_argument("--closed-above", type=float, default=0.3, help="its value beyond which it does")
    parser.add_argument("--crs", default="auto", help="CRS of the places and roads")
    parser.add_argument("--objective", required=True, choices=OBJECTIVES)
    parser.add_argument("--count", type=int, metavar="p", help="sites to open")
    parser.add_argument("--radius", type=amount, metavar="m", help="nobody is sent further")
    parser.add_argument("--capacity", metavar="FIELD", help="people a site takes: a field, or one number")
    parser.add_argument("--existing", metavar="FIELD", help="1: the site stays open")
    parser.add_argument("--price", metavar="FIELD", help="what it costs to open the site")
    parser.add_argument("--budget", type=amount)
    parser.add_argument("--priority", metavar="FIELD", help="of the demand: how much a person counts")
    parser.add_argument("--penalty", type=amount, help="cost of an unmet person (p-median)")
    parser.add_argument("--single-source", action="store_true", help="no demand point is split")
    parser.add_argument("--time-limit", type=amount, default=60.0, metavar="s")
    parser.add_argument("--gap", type=amount, default=0.0, help="stop at this relative gap, for example 0.01")
    add_out(parser, Path("out"))
