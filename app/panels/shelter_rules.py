"""The siting rules: which count, with which value, and what each found at the candidate that is looked at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.desk import Desk
from app.panels.parts import breakable, children, column, fit_heads, heading, number_words, row, table
from app.theme import named
from app.words import Words
from layers.siting.evidence import can_be_named
from layers.siting.plan_rules import judged_by_plan, plan_findings, plan_words, unjudged
from layers.siting.rules import OFF_AT_FIRST, Rule, siting_rules
from layers.siting.shelter_layers import finding_words, rules_of
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.siting.verdicts import clause_of

RULE = Qt.ItemDataRole.UserRole


class RulesPanel(QWidget):
    """Signal: `judged`: look at what the rules say of the candidates now."""

    judged = Signal()

    def __init__(
        self,
        desk: Desk,
        words: Words,
        case: Callable[[], ShelterCase | None],
        plan: Callable[[], ShelterPlan | None],
    ) -> None:
        super().__init__()
        self._desk, self._words, self._case, self._plan = desk, words, case, plan
        self._rules = {rule.id: rule for rule in siting_rules()}
        self._usual = dict(self._rules)
        self._off = set(OFF_AT_FIRST)
        self._named: dict[str, str] = {}
        self._row = -1
        self.list = table(3)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        self.value, self.layer = QDoubleSpinBox(decimals=2), QComboBox()
        self.value.setRange(0, 1e6)
        self.clause, self.source = named(QLabel(wordWrap=True), "soft"), named(QLabel(wordWrap=True), "faint")
        self.judge = QPushButton()
        self.site, self.found = named(QLabel(wordWrap=True), "strong"), table(3)
        self.reason = named(QLabel(wordWrap=True), "faint")
        self.hint = named(QLabel(wordWrap=True), "hint")
        self._lay_out()
        self.list.itemChanged.connect(self._switch)
        self.list.itemClicked.connect(lambda *_: self._describe())
        self.found.currentItemChanged.connect(self._explain)
        self.value.editingFinished.connect(self._set_value)
        self.layer.activated.connect(self._set_layer)
        self.judge.clicked.connect(self.judged)
        words.changed.connect(self._fill)
        self._fill()

    def rules(self) -> tuple[Rule, ...]:
        """The rules that count, with the values of the list."""
        return tuple(rule for rule in self._rules.values() if rule.id not in self._off)

    def evidence(self) -> tuple[tuple[str, str], ...]:
        """Layers that were named as evidence."""
        return tuple(self._named.items())

    def look(self, candidate: int) -> None:
        """Show what the rules found at a candidate."""
        self._row = candidate
        self._show_found()

    # --- layout ------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        about, candidate = QWidget(), QWidget()
        body = column(about, 0, 6)
        body.addWidget(self.clause)
        form = QFormLayout()
        form.setVerticalSpacing(6)
        for key, field in (("value", self.value), ("evidence", self.layer)):
            label = QLabel()
            self._words.bind(label.setText, f"shelter.rule.{key}")
            form.addRow(label, field)
        self._form = form
        body.addLayout(form)
        body.addWidget(self.source)
        body.addStretch(1)
        body.addWidget(self.hint)
        self._words.bind(self.hint.setText, "shelter.rule.hint")
        below = column(candidate, 0, 6)
        below.addWidget(heading(self._words, "shelter.rule.candidate"))
        below.addWidget(self.site)
        below.addWidget(self.found, 1)
        below.addWidget(self.reason)
        self._pages = QStackedWidget()
        self._pages.addWidget(about)
        self._pages.addWidget(candidate)
        self._words.bind(self.judge.setText, "shelter.rule.judge")
        layout = column(self, 12, 8)
        layout.addWidget(self.list, 5)
        layout.addWidget(self._pages, 6)
        layout.addWidget(self.judge)

    # --- the list ----------------------------------------------------------------------------------------

    def _fill(self) -> None:
        say = self._words.say
        chosen = self._chosen
        with QSignalBlocker(self.list):
            self.list.clear()
            heads = [say("shelter.rule.rule"), say("shelter.rule.value"), say("shelter.rule.status")]
            self.list.setHeaderLabels(heads)
            for rule in self._rules.values():
                self.list.addTopLevelItem(self._item(rule))
        fit_heads(self.list, [1, 2])
        items = children(self.list.invisibleRootItem())
        wanted = next((i for i in items if chosen and i.data(0, RULE) == chosen.id), items[0])
        self.list.setCurrentItem(wanted)
        self._describe()
        self._show_found()

    def _item(self, rule: Rule) -> QTreeWidgetItem:
        clause = rule.zh if self._words.language == "zh_CN" else rule.en
        value = _value_words(rule)
        status = self._words.say(f"status.{rule.status}.short")
        item = row([f"{rule.id} {self._words.say(f'shelter.rule.{rule.id}')}", value, status], [1])
        item.setData(0, RULE, rule.id)
        item.setToolTip(0, f"{rule.id} · {self._words.say(f'shelter.kind.{rule.kind}')}\n{clause}")
        judged = rule.kind != "info" and rule.test not in ("plan", "none")
        if judged:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = rule.id not in self._off
            item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        return item

    @property
    def _chosen(self) -> Rule | None:
        item = self.list.currentItem()
        return None if item is None else self._rules[item.data(0, RULE)]

    def _switch(self, item: QTreeWidgetItem) -> None:
        name = str(item.data(0, RULE))
        if item.checkState(0) == Qt.CheckState.Checked:
            self._off.discard(name)
        else:
            self._off.add(name)

    def _describe(self) -> None:
        rule = self._chosen
        if rule is None:
            return
        self._pages.setCurrentIndex(0)
        say, zh = self._words.say, self._words.language == "zh_CN"
        kind, clause = say(f"shelter.kind.{rule.kind}"), rule.zh if zh else rule.en
        self.clause.setText(f"{rule.id} · {kind} · {clause}")
        self.source.setText(f"{say(f'status.{rule.status}')} · {breakable(self._words.told(rule.source))}")
        with QSignalBlocker(self.value):
            self._form.setRowVisible(self.value, not np.isnan(rule.value))
            self.value.setValue(0.0 if np.isnan(rule.value) else rule.value)
            self.value.setSuffix(f" {rule.unit}" if rule.unit else "")
        self._offer_layers(rule)

    def _offer_layers(self, rule: Rule) -> None:
        """Layers of the project that can be named as the rule's evidence."""
        project = self._desk.project
        reads = rule.test in ("inside", "near") or rule.evidence == "freeboard"
        with QSignalBlocker(self.layer):
            self.layer.clear()
            unnamed = "not_named" if rule.evidence == "freeboard" else "found_by_kind"
            self.layer.addItem(self._words.say(f"shelter.rule.{unnamed}"), "")
            for entry in project.layers() if project is not None and reads else ():
                if entry.geometry != "table" and can_be_named(rule, entry):
                    self.layer.addItem(entry.title or entry.name, entry.name)
            self.layer.setCurrentIndex(max(self.layer.findData(self._named.get(rule.evidence, "")), 0))
            self._form.setRowVisible(self.layer, reads)

    def _set_value(self) -> None:
        rule = self._chosen
        if rule is not None and not np.isnan(rule.value) and self.value.value() != rule.value:
            self._rules[rule.id] = replace(rule, value=self.value.value())
            self._fill()

    def _set_layer(self) -> None:
        rule = self._chosen
        if rule is not None:
            name = self.layer.currentData()
            self._named.pop(rule.evidence, None)
            if name:
                self._named[rule.evidence] = name

    # --- what was found ----------------------------------------------------------------------------------

    def _show_found(self) -> None:
        case, say = self._case(), self._words.say
        if case is None or not 0 <= self._row < len(case.sites):
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        sites, judgement = case.sites.attributes.iloc[self._row], case.judgement
        score = float(judgement.score[self._row])
        key = "shelter.rule.allowed" if judgement.is_allowed[self._row] else "shelter.rule.excluded"
        room, area = number_words(float(sites["capacity"])), number_words(float(sites["area"]))
        self.site.setText(say(key, name=sites["name"], room=room, area=area, score=number_words(score, 2)))
        self.found.clear()
        self.found.setHeaderLabels([say("shelter.rule.rule"), say("shelter.rule.measured"),
                                    say("shelter.rule.result")])  # fmt: skip
        lines = judgement.findings[judgement.findings["site"] == self._row]
        left = self._unjudged(case)
        lines = lines[~lines["rule"].isin([name for name, _ in left])]
        for line in lines.sort_values(["passes", "kind"]).to_dict("records"):
            self.found.addTopLevelItem(self._line(case, line))
        for item in self._unmeasured(case, left):
            self.found.addTopLevelItem(item)
        fit_heads(self.found, [1, 2])
        self.found.setCurrentItem(children(self.found.invisibleRootItem())[0])

    def _unjudged(self, case: ShelterCase) -> list[tuple[str, str]]:
        """Rules that the candidate was not held to, each with the reason."""
        plan = self._plan()
        is_of_case = plan is not None and plan.case is case
        open_rows = judged_by_plan(plan) if plan is not None and is_of_case else None
        return unjudged(case, self._row, self._words.language, open_rows)

    def _unmeasured(self, case: ShelterCase, left: list[tuple[str, str]]) -> Iterator[QTreeWidgetItem]:
        """What rules about plans found, and the rules that were not judged."""
        say, plan, language = self._words.say, self._plan(), self._words.language
        for each in plan_findings(plan) if plan is not None and plan.case is case else ():
            if plan is not None and plan.row[each.site] == self._row:
                result = say("plan_rule.passes" if each.passes else "plan_rule.fails")
                item = row([f"{each.rule} {say(f'shelter.rule.{each.rule}')}", "", result])
                item.setData(0, RULE, f"{each.rule} {plan_words(each, language)}")
                yield item
        for name, why in left:
            item = row([f"{name} {say(f'shelter.rule.{name}')}", "", say("shelter.rule.not_judged")])
            rule = rules_of(case).get(name) or self._usual[name]
            item.setData(0, RULE, f"{name} {clause_of(rule, language)}\n{say('shelter.rule.why', why=why)}")
            yield item

    def _line(self, case: ShelterCase, line: Mapping[str, Any]) -> QTreeWidgetItem:
        say, rule = self._words.say, rules_of(case)[str(line["rule"])]
        if rule.kind == "soft":
            result = say("shelter.rule.score", score=number_words(float(line["score"]), 2))
        else:
            result = say("shelter.rule.passes" if line["passes"] else "shelter.rule.breaks")
        found = float(line["found"])
        measured = (
            ""
            if rule.test == "inside" or np.isnan(found)
            else f"{number_words(found, _digits(found))} {rule.unit}"
        )
        item = row([f"{rule.id} {say(f'shelter.rule.{rule.id}')}", measured.strip(), result], [1])
        item.setData(0, RULE, self._full_words(case, rule.id))
        return item

    def _full_words(self, case: ShelterCase, name: str) -> str:
        """What a rule found, with its limit, status and source."""
        rule = rules_of(case)[name]
        words = finding_words(case, self._row, name, self._words.language)
        return (
            f"{rule.id} {words}\n{self._words.say(f'status.{rule.status}')} · {self._words.told(rule.source)}"
        )

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        self.reason.setText("" if item is None else str(item.data(0, RULE)))


def _value_words(rule: Rule) -> str:
    """A rule's value with its unit, long distances in kilometres: the list is narrow."""
    if np.isnan(rule.value):
        return "—"
    if rule.unit == "m" and rule.value >= 1000:
        return f"{rule.value / 1000:g} km"
    return f"{rule.value:g} {rule.unit}".strip()


def _digits(value: float) -> int:
    """Decimals with which a measure is read."""
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
