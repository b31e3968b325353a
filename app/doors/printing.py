"""Sheets made in tasks: a preview on the screen, pages in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.panels.sheets import SheetWish
from app.whole import whole_folder
from layers.progress import Progress
from layers.storage.apart import apart
from layers.storage.geopackage import ProjectFile
from layers.words import Language

if TYPE_CHECKING:
    from app.main_window import MainWindow

PREVIEW_DPI = 96
RUNNER = "layers.cartography.runner"


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
        work = self._window.desk.reading(lambda own, progress: make_preview(own, wish, language, progress))
        title = self._window.words.say("task.preview")
        self._window.tasks.start(title, work, self._window.workspaces.print.sheets.preview.show_picture)

    def _made(self, written: Written) -> None:
        say, paths = self._window.words.say, written.paths
        folder = paths[0].parent if paths else ""
        self._window.notices.say(say("notice.sheets", number=len(paths), folder=folder))


@dataclass(frozen=True)
class Written:
    """The pages of a series."""

    paths: tuple[Path, ...]


def make_pages(project: ProjectFile, wish: SheetWish, language: Language, progress: Progress) -> Written:
    """The pages of a wish, all of them or none."""
    with whole_folder(wish.folder) as draft:
        asked = {**_asked(project, wish, language), "formats": wish.formats, "folder": str(draft)}
        written = lambda answer, _: Written(tuple(wish.folder / name for name in answer["names"]))  # noqa: E731
        return apart(RUNNER, "pages", asked, written, progress)


def make_preview(project: ProjectFile, wish: SheetWish, language: Language, progress: Progress) -> QImage:
    """The first page of a wish as a small image."""
    asked = {**_asked(project, wish, language), "dpi": PREVIEW_DPI}
    return apart(RUNNER, "preview", asked, lambda _, folder: QImage(str(folder / "page.png")), progress)


def _asked(project: ProjectFile, wish: SheetWish, language: Language) -> dict[str, Any]:
    about = {
        "page": wish.page,
        "maker": wish.maker,
        "review_number": wish.review_number,
        "hatched": wish.hatched,
    }
    return {
        "project": str(project.path),
        "hazard": wish.hazard,
        "regions": wish.regions,
        "about": {**about, "language": language},
    }
