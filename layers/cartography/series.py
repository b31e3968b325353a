"""Series: one sheet for each region, drawn one after the other, checked after they are written."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from layers.cartography.engrave import draw, letters
from layers.cartography.risksheet import CITY, compose, region_name, risk_subject
from layers.cartography.sheet import MapSheet
from layers.cartography.typeface import narrowed
from layers.errors import CannotWrite
from layers.progress import Progress, ignore, part
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

Format = Literal["pdf", "png", "svg"]


def series(
    project: ProjectFile,
    hazard: str,
    regions: Sequence[str] | Literal["all"] = "all",
    *,
    page: str = "A3",
    formats: Sequence[str] = ("pdf",),
    folder: Path,
    language: Language = "zh_CN",
    maker: str = "",
    review_number: str = "",
    hatched: bool = False,
    dpi: float = 300,
    progress: Progress = ignore,
) -> tuple[Path, ...]:
    """Draw the risk sheets of some regions, or of the city and every county.

    Parameters
    ----------
    project : ProjectFile
    hazard : {"flood", "earthquake", "fire"}
    regions : sequence of str, or "all"
        County codes; ``all`` among them is the city.
    page : str
        ``A4`` … ``A0``, with ``-portrait`` to turn it.
    formats : sequence of {"pdf", "png", "svg"}
        Each page is composed once for all of them.
    folder : Path
        Made if it is not there.
    hatched : bool
        Hatches tell the grades apart too.
    progress : Progress
        May raise `Cancelled` between two pages and within one.

    Returns
    -------
    tuple of Path
        What was written, in order: the city first.

    Raises
    ------
    BadInput, CannotWrite
    """
    subject = risk_subject(project, hazard, part(progress, 0.0, 0.1), hatched=hatched)
    chosen = (CITY, *subject.codes) if regions == "all" else tuple(regions)
    _make(folder)
    count = len(chosen) if len(chosen) > 1 else 0
    sheets = [
        compose(
            subject,
            region,
            page=page,
            language=language,
            maker=maker,
            review_number=review_number,
            number=number if count else 0,
            count=count,
        )
        for number, region in enumerate(chosen, start=1)
    ]
    written: list[Path] = []
    with narrowed(word for sheet in sheets for word in letters(sheet)):
        for number, (region, sheet) in enumerate(zip(chosen, sheets, strict=True)):
            step = part(progress, 0.1 + 0.9 * number / len(chosen), 0.1 + 0.9 * (number + 1) / len(chosen))
            paths = _paths(folder, region, region_name(subject, region, language), sheet, formats)
            draw(sheet, paths.get("pdf"), paths.get("png"), paths.get("svg"), dpi=dpi, progress=step)
            written += _checked(paths.values())
    return tuple(written)


def _paths(folder: Path, region: str, name: str, sheet: MapSheet, formats: Sequence[str]) -> dict[str, Path]:
    """``code_name_hazard_page.format``, without blanks."""
    code = "city" if region == CITY else region
    hazard = say(f"hazard.{sheet.keywords[0]}", sheet.language)
    stem = "_".join((code, name, hazard, sheet.page.name)).replace(" ", "-")
    return {each: folder / f"{stem}.{each}" for each in formats}


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite("cannot_write_sheet", path=folder, reason=error.strerror or str(error)) from error


def _checked(paths: Iterable[Path]) -> list[Path]:
    """The files, each seen to be there and not empty: success is not taken on trust."""
    found = list(paths)
    for path in found:
        if not path.is_file() or path.stat().st_size < 1000:
            raise CannotWrite("cannot_write_sheet", path=path, reason="")
    return found
