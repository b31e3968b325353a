"""Words that several verbs share."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

Verb = Callable[[str, str], argparse.ArgumentParser]
"""Makes the parser of a verb from its name and meaning."""


def amount(text: str) -> float:
    """A finite number of at least 0."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 0")
    return value


def bearing(text: str) -> float:
    """Degrees clockwise from north, from 0 to below 360."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is no bearing in degrees")
    return value % 360


def whole(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def add_project(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The project that the verb works on."""
    parser.add_argument("project", type=Path, metavar="P.gpkg")
    return parser


def add_out(parser: argparse.ArgumentParser, default: Path | None, meaning: str = "where to write") -> None:
    """Where the verb writes."""
    parser.add_argument("--out", type=Path, default=default, help=meaning)


def add_resolve(parser: argparse.ArgumentParser) -> None:
    """What is done about conflicts of a merge."""
    parser.add_argument(
        "--resolve", type=Path, metavar="FILE", help="JSON: mine, theirs or base for each field"
    )
