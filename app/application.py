"""Start of the window: font, style, language, and the project that was asked for."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app import garbage as garbage
from app.main_window import MainWindow
from app.settings import Settings
from app.shell.crash import catch_bugs
from app.theme import LIGHT, pixmap
from layers.words import Language

TURN = 0.0001
"""Seconds that the window waits at most for another thread that runs Python: it may be 150 times in one turn,
as Qt lets the lock go wherever it lays out or paints."""


def run(project: Path | None, language: Language | None, *, sample: bool = False) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    project : Path, optional
        Opened at once; the welcome page without one.
    language : {"zh_CN", "en"}, optional
        The language chosen last, without one.
    sample : bool
        Open the sample project, and make it if it is not there yet.

    Returns
    -------
    int
        The process's exit status.
    """
    application = make_application()
    window = MainWindow(Settings(), language)
    catch_bugs(window.report)
    window.show()
    if project is not None:
        QTimer.singleShot(0, window, lambda: window.files.open_path(project))
    elif sample:
        QTimer.singleShot(0, window, window.files.open_sample)
    return application.exec()


def make_application() -> QApplication:
    """The application; the one there is, if there is one."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("riskatlas")
    sys.setswitchinterval(TURN)
    application.setWindowIcon(QIcon(pixmap("riskatlas", LIGHT.accent, 64)))
    return application
