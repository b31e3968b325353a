"""The words of the window in the language of now; a switch reaches every widget that was given words here."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QLibraryInfo, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from layers.words import LANGUAGES, Language, say, told


class Words(QObject):
    """What the window says. Panels are given words by `bind`; passing dialogs ask `say` once."""

    changed = Signal()

    def __init__(self, language: Language, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound: list[tuple[Callable[[str], object], str]] = []
        self._qt = QTranslator(self)
        self.language: Language = language
        self._translate_qt()

    def say(self, key: str, **facts: object) -> str:
        """The words for `key` in the language of now."""
        return say(key, self.language, **facts)

    def told(self, text: str) -> str:
        """Words if the text is a key, else the text itself: the title of a paper or standard."""
        return told(text, self.language)

    def bind(self, setter: Callable[[str], object], key: str) -> None:
        """Give `setter` the words for `key` now and, as long as its widget is there, after every switch."""
        self._bound.append((setter, key))
        setter(self.say(key))

    def speak(self, language: Language) -> None:
        """Switch the language of the whole window."""
        if language == self.language:
            return
        self.language = language
        self._translate_qt()
        self._bound = [bound for bound in self._bound if _is_there(bound[0])]
        for setter, key in self._bound:
            setter(self.say(key))
        self.changed.emit()

    def other(self) -> Language:
        """The language that a press of the language button brings."""
        return LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]

    def _translate_qt(self) -> None:
        """Qt's own buttons and file dialogs speak the same language."""
        application = cast("QApplication | None", QApplication.instance())
        if application is None:
            return
        application.removeTranslator(self._qt)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self.language != "en" and self._qt.load(f"qtbase_{self.language}", folder):
            application.installTranslator(self._qt)


def _is_there(setter: Callable[[str], object]) -> bool:
    """Whether the widget whose method this is has not been put away."""
    owner = getattr(setter, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)


def capital(text: str) -> str:
    """The words as they stand alone, on a label or in a list; the sign of a formula is as it is."""
    return text[:1].upper() + text[1:] if len(text) > 1 else text
