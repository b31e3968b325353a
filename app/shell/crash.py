"""The report of a bug: it says that nothing was lost, and what to send to whom keeps the program."""

import platform
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.theme import font, named
from app.words import Words


class CrashReport(QDialog):
    """Shown once for a bug; the program goes on."""

    def __init__(self, words: Words, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.say("crash.title"))
        self.resize(640, 420)
        head = QLabel(words.say("crash.head"))
        head.setFont(font(16, strong=True))
        calm = QLabel(words.say("crash.calm"), wordWrap=True)
        self.report = QPlainTextEdit(f"{_circumstances()}\n\n{details}", readOnly=True)
        self.report.setObjectName("report")
        copy = QPushButton(words.say("crash.copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        buttons = QDialogButtonBox()
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(words.say("crash.close"), QDialogButtonBox.ButtonRole.AcceptRole)
        named(close, "primary").style().polish(close)
        buttons.accepted.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        for widget in (head, calm, self.report, buttons):
            column.addWidget(widget)


def catch_bugs(report: Callable[[str], None]) -> None:
    """From now on a bug in the window is reported and does not end the program."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        report("".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = caught


def _circumstances() -> str:
    return (
        f"riskatlas {__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"{platform.system()} {platform.release()} {platform.machine()}"
    )
