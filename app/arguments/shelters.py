"""The words of the verbs `shelters` and `relief`."""

import argparse
from pathlib import Path

from app.arguments.parts import add_out, add_project, amount, bearing

STAYS = ("紧急", "临时", "短期", "中期", "长期", "中心")


def shelter_words(parser: argparse.ArgumentParser) -> None:
    """Scenario, people, sites, goal, and what is written."""
    add_project(parser)
    parser.add_argument(
        "--scenario",
        choices=("earthquake", "flood", "area", "everyone"),
        help="an earthquake where an epicentre is given, else everyone",
    )
    parser.add_argument(
        "--event",
        metavar="LAYER",
        help="a stored hazard result, or polygons to be cleared",
    )
    parser.add_argument("--magnitude", type=float, help="of an earthquake; 6.5")
    parser.add_argument("--epicentre", metavar="CODE|X,Y", help="a county or township, or metres")
    parser.add_argument("--azimuth", type=bearing, default=30.0, help="of the long axis, degrees from north")
    parser.add_argument("--stage", type=amount, default=1.0, help="of a flood above the drainage, m")
    parser.add_argument("--exclude-stage", type=amount, metavar="M", help="no site or road under this flood")
    parser.add_argument("--region", default="all", metavar="CODE")
    parser.add_argument("--priority", action="append", default=[], metavar="GROUP[=WEIGHT,SHARE,SPEED]",
                        help="elderly, disabled, children, patients: they go first")  # fmt: skip
    parser.add_argument("--by-day", action="store_true")
    parser.add_argument("--unit", choices=("grid", "village", "township", "building"), default="grid")
    parser.add_argument("--cell", type=float, default=1000.0, help="side of the grid's cells, m")
    objectives = ("max-cover", "p-median", "set-cover", "p-center")
    parser.add_argument("--objective", choices=objectives, default="max-cover")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--radius", default="5000", metavar="M|class", help="farthest way on foot")
    parser.add_argument("--keep-existing", action="store_true")
    parser.add_argument(
        "--sources", default="shelter,school,park", metavar="KIND,…", help="layers of sites; also place"
    )
    parser.add_argument("--class", default="", choices=("", *STAYS), dest="stay", metavar="|".join(STAYS),
                        help="of all sites; each its own without")  # fmt: skip
    parser.add_argument("--budget", type=float, metavar="万元", help="for new sites")
    parser.add_argument("--whole", action="store_true", help="nobody of one place is parted")
    parser.add_argument("--without-capacity", action="store_true", help="sites hold any number")
    parser.add_argument("--speed", type=float, metavar="M/S", help="on foot; 1.1")
    parser.add_argument("--road-depth", type=float, metavar="M", help="water that closes a road; 0.3")
    parser.add_argument("--bridges", type=float, metavar="I", help="intensity that brings bridges down; 8.5")
    parser.add_argument("--evidence", action="append", default=[], metavar="NAME=LAYER",
                        help="what a rule looks at, as power_line=LAYER")  # fmt: skip
    parser.add_argument("--rule", action="append", default=[], metavar="NAME=VALUE", help="a rule's value")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="switch a rule off")
    parser.add_argument("--with", action="append", default=[], metavar="NAME", dest="switched_on",
                        help="switch a rule on that is off at first (S7)")  # fmt: skip
    parser.add_argument("--rules", type=Path, metavar="R.csv", help="columns id, value, on")
    parser.add_argument("--time-limit", type=float, default=30.0, metavar="S")
    parser.add_argument("--plan", default="", metavar="NAME", help="a kept plan, changed by hand")
    parser.add_argument("--as-kept", action="store_true",
                        help="with --plan: its numbers of then, though layers changed since")  # fmt: skip
    parser.add_argument("--open", action="append", default=[], metavar="ID", help="one more candidate")
    parser.add_argument("--close", action="append", default=[], metavar="ID", help="one of its sites")
    parser.add_argument("--move", action="append", default=[], metavar="ID=X,Y", help="a site, metres")
    parser.add_argument("--room", action="append", default=[], metavar="ID=PEOPLE", help="capacity of a site")
    parser.add_argument("--store", default="", metavar="NAME", help="keep the plan in the project")
    parser.add_argument("--write", default="table", help="book, cards, table, need, with commas")
    parser.add_argument("--maker", default="", help="office that makes the book")
    add_out(parser, Path("out"))


STUDIES = (
    "depots", "depot_siting", "stock", "balance", "ten_hours", "fire", "responders", "warning", "patches",
    "route", "isochrones",
)  # fmt: skip


def relief_words(parser: argparse.ArgumentParser) -> None:
    """The study, its values, what is kept."""
    add_project(parser)
    parser.add_argument("--study", choices=STUDIES, required=True)
    parser.add_argument(
        "--plan", default="", metavar="NAME", help="a shelter plan of the project; the last one"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="values",
        help="days season day limit mobilise transfer minutes beside kind count flood access hazard "
        "fire origin target travel source bands pace event stage depth bridges "
        "(origin=X,Y bands=10,20,30 event=LAYER)",
    )  # fmt: skip
    parser.add_argument("--store", action="store_true", help="keep the study's map in the project")
    parser.add_argument("--post", action="store_true", help="post the balance's outflow in the ledgers")
    add_out(parser, None, "CSV or XLSX; printed as CSV without it")
