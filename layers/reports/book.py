"""Books: pages drawn one after the other into one PDF, whole or not at all."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

from layers.cartography.engrave import engrave
from layers.cartography.plate import Plate, settings
from layers.cartography.sheet import MapSheet
from layers.cartography.typeface import narrowed
from layers.errors import CannotWrite
from layers.progress import Progress, ignore

Drawing = MapSheet | Callable[[], Plate]
"""A map sheet, or what puts a page on a plate of its own."""


def write_book(
    pages: Sequence[Drawing],
    words: Iterable[str],
    path: Path,
    title: str,
    dpi: float = 200,
    progress: Progress = ignore,
) -> None:
    """Pages into one PDF.

    Parameters
    ----------
    pages : sequence of MapSheet or callable
    words : iterable of str
        All that is written on them: the embedded face holds no other hanzi.
    path : Path
        Written aside, then put in place.
    title : str
        Of the document.
    dpi : float
        Of the pictures in the maps.
    progress : Progress
        May raise `Cancelled` between two pages.

    Raises
    ------
    CannotWrite
    """
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with settings(), narrowed(words), warnings.catch_warnings():
            warnings.filterwarnings("error", message="Glyph")
            with PdfPages(aside, metadata={"Title": title, "Creator": "riskatlas"}) as book:
                for number, page in enumerate(pages):
                    progress(number / len(pages))
                    plate = engrave(page, dpi) if isinstance(page, MapSheet) else page()
                    plate.figure.set_dpi(72)
                    FigureCanvasPdf(plate.figure).print_pdf(book)
        aside.replace(path)
    except OSError as error:
        raise CannotWrite("cannot_write_sheet", path=path, reason=error.strerror or str(error)) from error
    finally:
        aside.unlink(missing_ok=True)
    progress(1.0)
