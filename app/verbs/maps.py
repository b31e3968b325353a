"""What the verbs that draw do."""

import argparse
from typing import Any

from app.reckoning import Reckoning
from app.verbs.shared import opened, refuse_place, refuse_region, wrote
from layers.cartography.series import series
from layers.errors import BadInput
from layers.reports.webmap import share as write_web_map


def map_sheets(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """The risk map of a region, or of every county and the city."""
    formats = _formats(options.format)
    with opened(options.project) as project:
        refuse_region(project, options.region)
        paths = series(
            project,
            options.hazard,
            "all" if options.region == "all" else (options.region,),
            page=options.page,
            formats=formats,
            folder=options.out,
            language=reckoning.language,
            maker=options.maker,
            review_number=options.review_number,
            hatched=options.hatched,
            progress=reckoning.progress("cli.drawing"),
        )
    return wrote(paths, reckoning)


def share(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """One web map that needs no network."""
    if options.out.suffix.lower() not in {".html", ".htm"}:
        raise BadInput("web_map_ending", path=options.out)
    refuse_place(options.out)
    with opened(options.project) as project:
        write_web_map(project, options.out, reckoning.language, reckoning.progress("cli.drawing"))
    return wrote([options.out], reckoning)


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(part.strip().lower() for part in text.split(","))
    for each in formats:
        if each not in {"pdf", "png", "svg"}:
            raise BadInput("sheet_format", format=each)
    return formats
