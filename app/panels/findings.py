"""The findings of the quality rules: listed, gone to, put right where that is safe, written to a file."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.panels.parts import column, row, table
from app.theme import LIGHT, Tokens, named, pixmap
from app.words import Words, capital
from layers.census.quality import Finding
from layers.census.telling import finding_words, rule_words

MOST = 2000
"""Findings that are listed; the file has all."""


Names = Mapping[tuple[str, str], str]
"""What one calls features, by layer and key."""
NARROWEST = 140
"""Pixels of the box of rules: beside it stands how much was found."""


class FindingsPanel(QWidget):
    """Signals: `asked` (check again), `gone(Finding)`, `fixed`, `exported`, `ruled` (show the rules)."""

    asked = Signal()
    gone = Signal(object)
    fixed = Signal()
    exported = Signal()
    ruled = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.findings: tuple[Finding, ...] = ()
        self._titles: dict[str, str] = {}
        self._names: Names = {}
        self._state, self._checked = "unchecked", ""
        self.count = named(QLabel(), "hint")
        self.check, self.fix, self.export, self.rules = (QPushButton() for _ in range(4))
        for button, key, signal in (
            (self.check, "findings.check", self.asked),
            (self.fix, "findings.fix", self.fixed),
            (self.export, "findings.export", self.exported),
            (self.rules, "findings.rules", self.ruled),
        ):
            words.bind(button.setText, key)
            button.clicked.connect(signal)
        self.only = QComboBox()
        self.only.setMinimumWidth(NARROWEST)
        self.only.currentIndexChanged.connect(self._list)
        self.list = table(5)
        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        self._lay_out()
        words.changed.connect(self._fill)
        self._fill()

    def _lay_out(self) -> None:
        layout = column(self, 8, 6)
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (self.check, self.fix, self.export, self.rules, self.only):
            line.addWidget(widget)
        line.addWidget(self.count, 1)
        self.sign, self.message = QLabel(), named(QLabel(wordWrap=True), "title")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        said = QWidget()
        inner = column(said, 16, 8)
        inner.addStretch(1)
        inner.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(self.message)
        inner.addStretch(1)
        self.pages = QStackedWidget()
        self.pages.addWidget(said)
        self.pages.addWidget(self.list)
        layout.addLayout(line)
        layout.addWidget(self.pages, 1)
        self.paint(LIGHT)

    def paint(self, tokens: Tokens) -> None:
        """The sign that all is well, in the theme's colour."""
        self.sign.setPixmap(pixmap("circle-check", tokens.accent, 28))

    def show_findings(
        self, findings: tuple[Finding, ...], titles: dict[str, str], names: Names | None = None
    ) -> None:
        """These are at fault; `titles` are the layers' by name, `names` the features'."""
        self.findings, self._titles, self._names = findings, titles, names or {}
        self._state, self._checked = "checked", datetime.now().astimezone().strftime("%H:%M")
        self._fill()

    def clear(self) -> None:
        """Nothing has been checked yet."""
        self.findings, self._state = (), "unchecked"
        self._fill()

    def wait(self) -> None:
        """The rules are at work."""
        self._state = "checking"
        self._fill()

    def _fill(self) -> None:
        say = self._words.say
        heads = ("words", "feature", "title", "severity", "fix")
        self.list.setHeaderLabels([capital(say(f"finding.{name}")) for name in heads])
        counts = Counter(finding.rule for finding in self.findings)
        with QSignalBlocker(self.only):
            self.only.clear()
            self.only.addItem(say("findings.all"), "")
            for rule, count in sorted(counts.items(), key=lambda pair: -pair[1]):
                self.only.addItem(f"{rule_words(rule, self._words.language)} · {count:,}", rule)
        fixes = sum("fix" in finding.facts for finding in self.findings)
        errors = sum(finding.severity == "error" for finding in self.findings)
        has_any = bool(self.findings)
        said = say(
            "findings.count", count=f"{len(self.findings):,}", errors=f"{errors:,}", fixes=f"{fixes:,}"
        )
        self.count.setText(said if has_any else "")
        self.fix.setEnabled(fixes > 0)
        self.export.setEnabled(has_any)
        self.only.setVisible(has_any)
        state = "none" if self._state == "checked" else self._state
        layers = len(self._titles)
        self.message.setText(say(f"findings.{state}", layers=layers, time=self._checked))
        self.sign.setVisible(state == "none")
        self.pages.setCurrentIndex(int(has_any and self._state != "checking"))
        self._list()

    def _list(self) -> None:
        """The findings of the rule that is looked at."""
        self.list.clear()
        only = self.only.currentData()
        chosen = [n for n, finding in enumerate(self.findings) if not only or finding.rule == only]
        self.list.addTopLevelItems([self._row(number, self.findings[number]) for number in chosen[:MOST]])

    def _row(self, number: int, finding: Finding) -> QTreeWidgetItem:
        say = self._words.say
        cells = [
            finding_words(finding, self._words.language),
            self._names.get((finding.layer, finding.key), "—"),
            self._titles.get(finding.layer, finding.layer),
            say(f"severity.{finding.severity}"),
            say("findings.safe") if "fix" in finding.facts else "",
        ]
        item = row(cells)
        item.setData(0, 0x0100, number)  # Qt.ItemDataRole.UserRole
        return item

    def _go(self, item: QTreeWidgetItem) -> None:
        self.gone.emit(self.findings[int(item.data(0, 0x0100))])
