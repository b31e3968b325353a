"""The quality rules of a project, as text: read while one types, kept as an edit."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QWidget

from app.panels.parts import column, deed_and_cancel
from app.theme import named
from app.words import Words
from layers.census.formula import parse
from layers.census.quality import TESTS
from layers.census.rules import read_rules
from layers.errors import BadInput, KnownError


class RulesPage(QDialog):
    """The rules with their numbers, sources and states. Signal: `kept(text)`; ``""``: those shipped."""

    kept = Signal(str)

    def __init__(self, text: str, shipped: str, words: Words, parent: QWidget, *, can_edit: bool) -> None:
        super().__init__(parent)
        self._words, self._shipped = words, shipped
        self.setWindowTitle(words.say("rules.title"))
        self.resize(720, 520)
        layout = column(self, 16, 8)
        self.text = QPlainTextEdit(text or shipped)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setReadOnly(not can_edit)
        self.said = named(QLabel(wordWrap=True), "hint")
        buttons, self.fine = deed_and_cancel(self, words.say("rules.keep"))
        self.back = buttons.addButton(words.say("rules.shipped"), QDialogButtonBox.ButtonRole.ResetRole)
        self.back.clicked.connect(lambda: self.text.setPlainText(shipped))
        self.back.setEnabled(can_edit)
        for widget in (
            named(QLabel(words.say("rules.hint"), wordWrap=True), "hint"),
            self.text,
            self.said,
            buttons,
        ):
            layout.addWidget(widget, int(widget is self.text))
        self._can_edit = can_edit
        self.text.textChanged.connect(self._read)
        self._read()

    def _read(self) -> None:
        """Say how many rules there are, or where they cannot be read."""
        try:
            rules = read_rules(self.text.toPlainText())
            for rule in rules:
                if rule.test not in TESTS:
                    raise BadInput("rule_without_test", rule=rule.name, test=rule.test, tests=" ".join(TESTS))
                if rule.test == "condition":
                    parse(rule.text("condition"))
        except KnownError as error:
            self._say(error.say(self._words.language), "caution")
            self.fine.setEnabled(False)
            return
        self._say(self._words.say("rules.count", count=len(rules)), "hint")
        self.fine.setEnabled(self._can_edit)

    def _say(self, text: str, manner: str) -> None:
        self.said.setText(text)
        named(self.said, manner)
        self.said.style().polish(self.said)

    def accept(self) -> None:
        text = self.text.toPlainText()
        super().accept()
        self.kept.emit("" if text == self._shipped else text)
