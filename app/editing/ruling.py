"""The quality rules of a project: asked for in a form and tried on its layers while one types; or as text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.parts import column, deed_and_cancel
from app.panels.rule_form import FieldsOf, RuleForm
from app.stack import title_of
from app.theme import named
from app.whole import whole_file
from app.words import Words, capital
from layers.census.quality import Finding
from layers.census.rules import Rule, read_rules, require, written_rules
from layers.census.telling import finding_words, rule_words
from layers.errors import BadInput, KnownError
from layers.storage.geopackage import LayerEntry

SOON = 400
"""Milliseconds without a key pressed after which a rule is tried."""
SHOWN = 3
"""Findings, and layers, of a rule that is tried which are named."""
LIST = 328
FORM, TEXT = 0, 1


class RulesPage(QDialog):
    """The rules, with their numbers, sources and states.

    Signals: `kept(text)`, ``""`` for those shipped; `tried(rule, layers)`: answered by `show_found`.
    """

    kept = Signal(str)
    tried = Signal(object, object)

    def __init__(
        self,
        text: str,
        shipped: str,
        entries: Sequence[LayerEntry],
        fields_of: FieldsOf,
        words: Words,
        parent: QWidget,
        *,
        can_edit: bool,
    ) -> None:
        super().__init__(parent)
        self._words, self._shipped, self._can_edit = words, shipped, can_edit
        self._rules: list[Rule] = []
        self._written = text or shipped
        self.setWindowTitle(words.say("rules.title"))
        self.resize(960, 640)
        self.form = RuleForm(entries, fields_of, words)
        self.text = QPlainTextEdit()
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setReadOnly(not can_edit)
        self.said = named(QLabel(wordWrap=True), "hint")
        self.said.setMinimumHeight(84)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._try)
        self.form.changed.connect(self._take)
        self.text.textChanged.connect(self._judge)
        self.tabs.currentChanged.connect(self._turn)
        self.show_text(self._written)

    def _lay_out(self) -> None:
        say = self._words.say
        layout = column(self, 16, 8)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self._form_page(), say("rules.as_form"))
        self.tabs.addTab(self.text, say("rules.as_text"))
        buttons, self.fine = deed_and_cancel(self, say("rules.keep"))
        roles = QDialogButtonBox.ButtonRole
        self.bring = buttons.addButton(say("rules.import"), roles.ResetRole)
        self.export = buttons.addButton(say("rules.export"), roles.ResetRole)
        self.back = buttons.addButton(say("rules.shipped"), roles.ResetRole)
        self.bring.clicked.connect(self._ask_file)
        self.export.clicked.connect(self._ask_target)
        self.back.clicked.connect(lambda: self.show_text(self._shipped))
        for button in (self.bring, self.back):
            button.setEnabled(self._can_edit)
        layout.addWidget(named(QLabel(say("rules.hint"), wordWrap=True), "hint"))
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.said)
        layout.addWidget(buttons)

    def _form_page(self) -> QWidget:
        self.list = named(QListWidget(), "rules")
        self.list.setFixedWidth(LIST)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._show)
        self.list.itemChanged.connect(self._switch)
        deeds = QHBoxLayout()
        deeds.setSpacing(8)
        self.add, self.again, self.remove = (self._deed(name) for name in ("add", "again", "remove"))
        for button, does in ((self.add, self._add), (self.again, self._copy), (self.remove, self._remove)):
            button.clicked.connect(does)
            button.setEnabled(self._can_edit)
            deeds.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addLayout(deeds)
        self.form.setEnabled(self._can_edit)
        room = named(QScrollArea(widgetResizable=True), "framed")
        room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        room.setWidget(self.form)
        page = QWidget()
        both = QHBoxLayout(page)
        both.setContentsMargins(0, 12, 0, 0)
        both.setSpacing(16)
        both.addLayout(left)
        both.addWidget(room, 1)
        return page

    def _deed(self, name: str) -> QPushButton:
        return named(QPushButton(self._words.say(f"rules.{name}")), "small")

    # --- the rules ---------------------------------------------------------------------------------------

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules as they stand in the form."""
        return tuple(self._rules)

    def show_text(self, text: str) -> None:
        """Show the rules of a text in both ways; one that cannot be read as text, with what is wrong."""
        self._written = text
        with QSignalBlocker(self.text):
            self.text.setPlainText(text)
        try:
            self._rules = list(read_rules(text))
        except KnownError:
            self.tabs.setCurrentIndex(TEXT)
        self._list(0)
        self._judge()

    def _list(self, chosen: int) -> None:
        """The names of all rules, one of them chosen."""
        with QSignalBlocker(self.list):
            self.list.clear()
            for rule in self._rules:
                self.list.addItem(self._item(rule))
            self.list.setCurrentRow(min(chosen, len(self._rules) - 1))
        self._show(self.list.currentRow())

    def _item(self, rule: Rule) -> QListWidgetItem:
        item = QListWidgetItem(
            capital(rule_words(rule.name, self._words.language)) or self._words.say("rules.nameless")
        )
        item.setToolTip(item.text())
        item.setCheckState(Qt.CheckState.Checked if rule.is_on else Qt.CheckState.Unchecked)
        flags = item.flags()
        item.setFlags(flags if self._can_edit else flags & ~Qt.ItemFlag.ItemIsUserCheckable)
        return item

    def _show(self, place: int) -> None:
        """A rule in the form, and what it finds."""
        has_one = 0 <= place < len(self._rules)
        self.form.setVisible(has_one)
        for button in (self.again, self.remove):
            button.setEnabled(has_one and self._can_edit)
        if has_one:
            self.form.show_rule(self._rules[place])
        self._judge()

    def _take(self) -> None:
        """The rule as it was changed in the form."""
        place = self.list.currentRow()
        self._rules[place] = self.form.rule
        with QSignalBlocker(self.list):
            item = self.list.item(place)
            item.setText(
                capital(rule_words(self.form.rule.name, self._words.language))
                or self._words.say("rules.nameless")
            )
        self._judge()

    def _switch(self, item: QListWidgetItem) -> None:
        """A rule is asked from now on, or not."""
        place = self.list.row(item)
        is_on = item.checkState() == Qt.CheckState.Checked
        self._rules[place] = replace(self._rules[place], is_on=is_on)
        self.list.setCurrentRow(place)
        self._show(place)

    def _add(self) -> None:
        self._put(Rule(self._free(self._words.say("rules.new")), "condition", status="chosen"))
        self.form.name.setFocus()
        self.form.name.selectAll()

    def _copy(self) -> None:
        rule = self._rules[self.list.currentRow()]
        name = self._free(self._words.say("rules.copy", name=rule_words(rule.name, self._words.language)))
        self._put(replace(rule, name=name))

    def _put(self, rule: Rule) -> None:
        self._rules.append(rule)
        self._list(len(self._rules))

    def _free(self, name: str) -> str:
        """A name that no rule has."""
        taken, number = {rule.name for rule in self._rules}, 2
        free = name
        while free in taken:
            free, number = f"{name} {number}", number + 1
        return free

    def _remove(self) -> None:
        place = self.list.currentRow()
        del self._rules[place]
        self._list(place)

    # --- text ----------------------------------------------------------------------------------------------

    def _turn(self, tab: int) -> None:
        """What was changed in one way is shown in the other."""
        if tab == TEXT:
            with QSignalBlocker(self.text):
                self.text.setPlainText(self.as_text())
        elif self._problem() is None:
            self.show_text(self.text.toPlainText())
        else:
            self.tabs.setCurrentIndex(TEXT)
        self._judge()

    def as_text(self) -> str:
        """The rules as text: with its notes, if nothing of it was changed in the form."""
        try:
            is_same = read_rules(self._written) == self.rules
        except KnownError:
            is_same = False
        return self._written if is_same else written_rules(self.rules)

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._words.say("rules.import"), "", "TOML (*.toml)")
        if path:
            self.bring_in(Path(path))

    def bring_in(self, path: Path) -> None:
        """Show the rules of a file."""
        try:
            self.show_text(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            wrong = BadInput("rules_unreadable", reason=f"{path.name}: {error}")
            self._say(wrong.say(self._words.language), "caution")

    def _ask_target(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, self._words.say("rules.export"), "rules.toml", "TOML (*.toml)"
        )
        if path:
            self.write_out(Path(path))

    def write_out(self, path: Path) -> None:
        """Write the rules to a file."""
        text = self.text.toPlainText() if self.tabs.currentIndex() == TEXT else self.as_text()
        try:
            with whole_file(path) as draft:
                draft.write_text(text, encoding="utf-8")
        except KnownError as error:
            self._say(error.say(self._words.language), "caution")

    # --- what is wrong, what is found ----------------------------------------------------------------------

    def _problem(self) -> KnownError | None:
        """Why the rules cannot be kept."""
        try:
            if self.tabs.currentIndex() == TEXT:
                _require_all(read_rules(self.text.toPlainText()))
            else:
                _require_all(self._rules)
        except KnownError as error:
            return error
        return None

    def _judge(self) -> None:
        """Whether they can be kept; the rule that is looked at is tried."""
        problem = self._problem()
        self.fine.setEnabled(self._can_edit and problem is None)
        self._soon.stop()
        if problem is not None:
            self._say(self._told(problem), "caution")
            return
        count = len(read_rules(self.text.toPlainText())) if self.tabs.currentIndex() == TEXT else 0
        self._say(self._words.say("rules.count", count=count) if count else "", "hint")
        if self.tabs.currentIndex() == FORM and self._rules:
            self._soon.start()

    def _told(self, problem: KnownError) -> str:
        """What is wrong, with the words that the form has for rule and part."""
        facts = dict(problem.facts)
        if problem.key == "rule_lacks" and self.tabs.currentIndex() == FORM:
            test = next(rule.test for rule in self._rules if rule.name == facts["rule"])
            part = f"rule_part.{test}.{facts['part']}"
            name = rule_words(str(facts["rule"]), self._words.language)
            return self._words.say("rules.lacks", rule=name, part=self._words.say(part))
        return problem.say(self._words.language)

    def _try(self) -> None:
        """Ask what the rule that is looked at finds in the project as it is now."""
        rule, entries, say = self.form.rule, self.form.entries(), self._words.say
        missing = self.form.missing()
        if not entries:
            self._say(say("rules.no_layer"), "advice")
        elif missing:
            self._say(say("rules.no_field", fields=", ".join(missing)), "advice")
        else:
            self._say(say("rules.trying"), "hint")
            self.tried.emit(rule, tuple(entries))

    def show_found(
        self, rule: Rule, entries: Sequence[LayerEntry], found: tuple[Finding, ...] | KnownError
    ) -> None:
        """What a rule finds in the layers, if it still is the one that is looked at."""
        if rule != self.form.rule or self.tabs.currentIndex() != FORM or self._problem() is not None:
            return
        if isinstance(found, KnownError):
            self._say(found.say(self._words.language), "caution")
            return
        rows = f"{sum(entry.rows for entry in entries):,}"
        key = "rules.found" if found else "rules.found_none"
        lines = [self._words.say(key, count=f"{len(found):,}", rows=rows, layers=self._titles(entries))]
        lines += [f"· {finding_words(each, self._words.language)}" for each in found[:SHOWN]]
        self._say("\n".join(lines), "hint")

    def _titles(self, entries: Sequence[LayerEntry]) -> str:
        """The layers by name, or how many."""
        titles = [title_of(entry, self._words.language) for entry in entries]
        if len(titles) > SHOWN:
            return self._words.say("rules.several", count=len(titles))
        return ("、" if self._words.language == "zh_CN" else ", ").join(titles)

    def _say(self, text: str, manner: str) -> None:
        self.said.setText(text)
        named(self.said, manner)
        self.said.style().polish(self.said)

    def done(self, result: int) -> None:
        self._soon.stop()
        super().done(result)

    def accept(self) -> None:
        if not self.fine.isEnabled():
            return
        text = self.text.toPlainText() if self.tabs.currentIndex() == TEXT else self.as_text()
        super().accept()
        self.kept.emit("" if text == self._shipped else text)


def _require_all(rules: Iterable[Rule]) -> None:
    """See that each rule has a name of its own and what its test reads.

    Raises
    ------
    BadInput
        One has not.
    """
    counts: Counter[str] = Counter()
    for rule in rules:
        require(rule)
        counts[rule.name] += 1
        if not rule.name or counts[rule.name] > 1:
            raise BadInput("rule_name", name=rule.name)
