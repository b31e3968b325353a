"""The words of the verbs that open and make projects, and bring files in and out."""

import argparse
from pathlib import Path

from app.arguments.parts import Verb, add_out, add_project


def project_words(verb: Verb) -> None:
    """Opening, making, importing, exporting."""
    add_project(verb("open", "open the window on a project"))
    verb("open-sample", "open the window on the sample project")
    add_out(verb("demo", "sample project, overlay, hazard maps by county, web map, table book"), Path("out"))
    new = add_project(verb("new", "make a project"))
    new.add_argument("--sample", action="store_true", help="with the sample layers of Hengshui")
    add_project(verb("info", "what a project holds"))
    _import(add_project(verb("import", "bring files into a project")))
    send = add_project(verb("export", "write a layer to a file: .shp .gpkg .geojson .csv .xlsx"))
    send.add_argument("layer", metavar="LAYER", help="name or title")
    send.add_argument("file", type=Path, metavar="FILE")
    send.add_argument("--crs", default="", help="CRS of a .shp or .gpkg; the project's by default")
    _join(add_project(verb("join", "fill fields of a layer from a table, by a key")))


def _join(fill: argparse.ArgumentParser) -> None:
    fill.add_argument("layer", metavar="LAYER", help="name or title")
    fill.add_argument("table", type=Path, metavar="TABLE", help=".csv, .txt or .xlsx")
    fill.add_argument("--key", default="", metavar="FIELD[=COLUMN]", help="what both hold; found by default")
    fill.add_argument(
        "--set",
        dest="fill",
        action="append",
        default=[],
        metavar="FIELD[=COLUMN]",
        help="a field to fill, may be repeated; by default those that have the names of columns",
    )
    fill.add_argument("--encoding", default="auto", help="of a text")


def _import(bring: argparse.ArgumentParser) -> None:
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
