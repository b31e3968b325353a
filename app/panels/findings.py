"""The findings of the quality rules: listed, gone to, put right where that is safe, written to a file."""

from functools import cache

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTreeWidgetItem, QWidget

from app.panels.parts import column, row, table
from app.theme import named
from app.words import Words
from layers.census.catalogue import catalogue
from layers.census.quality import Finding
from layers.words import has

MOST = 2000
"""Findings that are listed; the file has all."""


class FindingsPanel(QWidget):
    """Signals: `asked` (check again), `gone(Finding)`, `fixed`, `exported`."""

    asked = Signal()
    gone = Signal(object)
    fixed = Signal()
    exported = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.findings: tuple[Finding, ...] = ()
        self._titles: dict[str, str] = {}
        self.count = named(QLabel(), "hint")
        self.check, self.fix, self.export = QPushButton(), QPushButton(), QPushButton()
        for button, key, signal in (
            (self.check, "findings.check", self.asked),
            (self.fix, "findings.fix", self.fixed),
            (self.export, "findings.export", self.exported),
        ):
            words.bind(button.setText, key)
            button.clicked.connect(signal)
        self.list = table(4)
        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        layout = column(self, 8, 4)
        line = QHBoxLayout()
        for button in (self.check, self.fix, self.export):
            line.addWidget(button)
        line.addWidget(self.count, 1)
        layout.addLayout(line)
        layout.addWidget(self.list, 1)
        words.changed.connect(self._fill)
        self._fill()

    def show_findings(self, findings: tuple[Finding, ...], titles: dict[str, str]) -> None:
        """These are at fault; `titles` are the layers' by name."""
        self.findings, self._titles = findings, titles
        self._fill()

    def _fill(self) -> None:
        say = self._words.say
        self.list.clear()
        self.list.setHeaderLabels([say(f"finding.{name}") for name in ("words", "title", "severity", "fix")])
        for number, finding in enumerate(self.findings[:MOST]):
            self.list.addTopLevelItem(self._row(number, finding))
        fixes = sum("fix" in finding.facts for finding in self.findings)
        self.count.setText(say("findings.count", count=len(self.findings), fixes=fixes))
        self.fix.setEnabled(fixes > 0)
        self.export.setEnabled(bool(self.findings))

    def _row(self, number: int, finding: Finding) -> QTreeWidgetItem:
        say = self._words.say
        cells = [
            finding_words(finding, self._words),
            self._titles.get(finding.layer, finding.layer),
            say(f"severity.{finding.severity}"),
            say("findings.safe") if "fix" in finding.facts else "",
        ]
        item = row(cells)
        item.setData(0, 0x0100, number)  # Qt.ItemDataRole.UserRole
        return item

    def _go(self, item: QTreeWidgetItem) -> None:
        self.gone.emit(self.findings[int(item.data(0, 0x0100))])


def finding_words(finding: Finding, words: Words) -> str:
    """What is wrong, with the facts."""
    key = f"rule.{finding.rule}"
    what = words.say(key) if has(key) else finding.rule
    names = ("field", "value", "other", "area", "distance", "sum", "reason")
    told = {**finding.facts, "field": _field_words(str(finding.facts.get("field") or ""), words)}
    facts = [str(told[name]) for name in names if told.get(name) not in (None, "")]
    return f"{what}: {', '.join(facts)}" if facts else what


def _field_words(title: str, words: Words) -> str:
    """A field's title, which findings say in Chinese, in the language of now."""
    return title if words.language == "zh_CN" else _english().get(title, title)


@cache
def _english() -> dict[str, str]:
    return {field.zh: field.en for kind in catalogue().values() for field in kind.fields if field.en}
