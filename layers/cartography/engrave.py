"""Engrave: a sheet is put on a plate once, and the plate is printed to PDF, PNG and SVG."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

from layers.cartography.body import draw_body
from layers.cartography.column import draw_columns
from layers.cartography.furniture import draw_furniture
from layers.cartography.plate import Plate, settings
from layers.cartography.sheet import MapSheet
from layers.errors import BadInput, CannotWrite
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.words import dictionary

LARGEST_PIXELS = 20_000
"""Longest side of a picture: 20,000 pixels are A0 at 427 dpi; larger ones need gigabytes."""


def draw(
    sheet: MapSheet,
    pdf: Path | None = None,
    png: Path | None = None,
    svg: Path | None = None,
    dpi: float = 300,
    progress: Progress = ignore,
) -> None:
    """Print a sheet.

    Parameters
    ----------
    sheet : MapSheet
    pdf, png, svg : Path, optional
        Where to write; each is written aside and put in place whole.
    dpi : float
        Of the PNG, and of the map body's image in all three.

    Raises
    ------
    BadInput
        The page has too many pixels, or its legends do not fit.
    CannotWrite
        A file cannot be written.
    """
    if max(sheet.page.pixels(dpi)) > LARGEST_PIXELS:
        raise BadInput("too_many_pixels", page=sheet.page.name, dpi=f"{dpi:g}", most=LARGEST_PIXELS)
    with settings(), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        plate = engrave(sheet, dpi, part(progress, 0, 0.5))
        for number, (path, write) in enumerate(((pdf, _pdf), (svg, _svg), (png, _png)), 1):
            if path is not None:
                _aside(path, partial(write, plate, sheet, dpi))
            progress(0.5 + number / 6)


def engrave(sheet: MapSheet, dpi: float = 300, progress: Progress = ignore) -> Plate:
    """The sheet on a plate, ready to print: also what tests look at."""
    plate = Plate(sheet.page)
    draw_body(plate, sheet, dpi, progress)
    draw_furniture(plate, sheet)
    draw_columns(plate, sheet, dpi)
    return plate


def letters(sheet: MapSheet) -> Iterator[str]:
    """All words that drawing the sheet may set."""
    yield from dictionary(sheet.language).values()
    yield from _strings(sheet)


def _strings(value: object) -> Iterator[str]:
    """The strings in a value, however deep; of a layer its columns of text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, VectorLayer):
        for column in value.attributes.select_dtypes(exclude="number"):
            yield from value.attributes[column].dropna().astype(str).unique()
    elif is_dataclass(value):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))


def _aside(path: Path, write: Callable[[Path], None]) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        write(aside)
        aside.replace(path)
    except OSError as error:
        raise CannotWrite("cannot_write_sheet", path=path, reason=error.strerror or str(error)) from error
    finally:
        aside.unlink(missing_ok=True)


def _pdf(plate: Plate, sheet: MapSheet, dpi: float, path: Path) -> None:
    plate.figure.set_dpi(72)
    about = {
        "Title": sheet.title,
        "Subject": sheet.subtitle,
        "Author": sheet.maker,
        "Creator": "riskatlas",
        "Producer": "matplotlib",
    }
    FigureCanvasPdf(plate.figure).print_pdf(path, metadata={k: v for k, v in about.items() if v})


def _svg(plate: Plate, sheet: MapSheet, dpi: float, path: Path) -> None:
    plate.figure.set_dpi(72)
    FigureCanvasSVG(plate.figure).print_svg(path, metadata={"Title": sheet.title, "Date": None})


def _png(plate: Plate, sheet: MapSheet, dpi: float, path: Path) -> None:
    wide, high = sheet.page.pixels(dpi)
    paper = float(plate.figure.get_size_inches()[0]), float(plate.figure.get_size_inches()[1])
    plate.figure.set_dpi(dpi)
    plate.figure.set_size_inches((wide + 0.01) / dpi, (high + 0.01) / dpi)
    canvas = FigureCanvasAgg(plate.figure)
    canvas.draw()
    pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    Image.fromarray(pixels).save(path, "png", dpi=(dpi, dpi), compress_level=3)
    plate.figure.set_size_inches(paper)
