"""Sheets made in tasks: a preview on the screen, pages in a folder."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.panels.sheets import SheetWish
from layers.progress import Progress
from layers.storage.geopackage import ProjectFile
from layers.words import Language

if TYPE_CHECKING:
    from app.main_window import MainWindow

PREVIEW_DPI = 64


class Printing(QObject):
    """What the window does with sheets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def make(self, wish: SheetWish) -> None:
        """Write the pages into the folder."""
        language = self._window.words.language
        work = self._window.desk.reading(
            lambda own, progress: make_pages(own, wish, language, progress), outlives=True
        )
        title = self._window.words.say("task.sheets", number=len(wish.regions))
        self._window.tasks.start(title, work, self._made)

    def preview(self, wish: SheetWish) -> None:
        """Show how the first page will look."""
        language = self._window.words.language
        work = self._window.desk.reading(lambda own, progress: make_preview(own, wish, language))
        title = self._window.words.say("task.preview")
        self._window.tasks.start(title, work, self._window.workspaces.print.sheets.preview.show_picture)

    def _made(self, paths: tuple[Path, ...]) -> None:
        say = self._window.words.say
        folder = paths[0].parent if paths else ""
        self._window.notices.say(say("notice.sheets", number=len(paths), folder=folder))


def make_pages(
    project: ProjectFile, wish: SheetWish, language: Language, progress: Progress
) -> tuple[Path, ...]:
    """The pages of a wish."""
    from layers.cartography.series import series

    return series(
        project,
        wish.hazard,
        wish.regions,
        page=wish.page,
        formats=wish.formats,
        folder=wish.folder,
        language=language,
        maker=wish.maker,
        review_number=wish.review_number,
        progress=progress,
    )


def make_preview(project: ProjectFile, wish: SheetWish, language: Language) -> QImage:
    """The first page of a wish as a small image."""
    from layers.cartography.engrave import draw
    from layers.cartography.risksheet import risk_sheet

    sheet = risk_sheet(
        project,
        wish.hazard,
        wish.regions[0],
        page=wish.page,
        language=language,
        maker=wish.maker,
        review_number=wish.review_number,
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.png"
        draw(sheet, pdf=None, png=page, dpi=PREVIEW_DPI)
        return QImage(str(page))
