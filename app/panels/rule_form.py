"""One quality rule as a form: what is tested, in which layers, with which numbers, and on what grounds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.panels.cells import field_title
from app.panels.editors import LineEditor
from app.stack import title_of
from app.theme import named
from app.words import Words, capital
from layers.census.bounds import Bounds, bounds_of, condition_of
from layers.census.catalogue import catalogue, meanings
from layers.census.formula import parse
from layers.census.rules import PARTS, Part, Rule
from layers.census.telling import rule_words
from layers.errors import BadInput, KnownError
from layers.layer import Field
from layers.storage.geopackage import LayerEntry
from layers.words import has

WITHIN = "within"
"""A condition that says nothing but the bounds of one number is asked for as those."""
SEVERITIES = ("error", "warning")
STATUSES = ("", "verified", "recalled", "derived", "chosen")
ROLES = ("exposure", "capacity")
MANY = 5
"""Layers that are seen at once."""

FieldsOf = Callable[[str], Sequence[Field]]


class RuleForm(QWidget):
    """Asks for a rule. Signal: `changed` when the hand has changed it.

    Parameters
    ----------
    entries : sequence of LayerEntry
        The project's layers.
    fields_of : callable
        The fields of a layer of that name.
    """

    changed = Signal()

    def __init__(self, entries: Sequence[LayerEntry], fields_of: FieldsOf, words: Words) -> None:
        super().__init__()
        named(self, "form").setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words, self._fields_of = words, fields_of
        self._entries = [entry for entry in entries if entry.geometry != "raster"]
        self.rule = Rule("", "present")
        self.form = QFormLayout(self)
        self.form.setContentsMargins(16, 12, 16, 12)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setVerticalSpacing(8)
        self.form.setHorizontalSpacing(12)
        self._make()

    def _make(self) -> None:
        say = self._words.say
        self.name, self.source = QLineEdit(), QLineEdit()
        self.test, self.severity, self.status = QComboBox(), QComboBox(), QComboBox()
        self.about = named(QLabel(wordWrap=True), "faint")
        for test in (WITHIN, *sorted(PARTS, key=lambda test: test != "condition")):
            self.test.addItem(say(f"rule_test.{test}"), test)
        for severity in SEVERITIES:
            self.severity.addItem(capital(say(f"severity.{severity}")), severity)
        for status in STATUSES:
            self.status.addItem(say(f"status.{status}") if status else "", status)
        self.layers = self._list_of_layers()
        self.except_ = named(QLabel(wordWrap=True), "faint")
        self._asked: list[QWidget] = []
        for key, widget in (
            ("name", self.name), ("test", self.test), ("", self.about), ("layers", self.layers),
            ("", self.except_), ("severity", self.severity), ("source", self.source),
            ("status", self.status),
        ):  # fmt: skip
            label = QLabel(say(f"rules.{key}") if key else "")
            self.form.addRow(label, widget)
        self.name.textEdited.connect(lambda text: self._take(name=text.strip()))
        self.source.textEdited.connect(lambda text: self._take(source=text.strip()))
        self.severity.activated.connect(lambda: self._take(severity=self.severity.currentData()))
        self.status.activated.connect(lambda: self._take(status=self.status.currentData()))
        self.test.activated.connect(lambda: self._choose_test(self.test.currentData()))
        self.layers.itemChanged.connect(self._choose_layers)

    def _list_of_layers(self) -> QListWidget:
        """Whole groups, then the kinds that the project has, its layers without a kind, other kinds."""
        shown = named(QListWidget(), "dense")
        language = self._words.language
        by_kind = {entry.kind: entry for entry in reversed(self._entries) if entry.kind in catalogue()}
        kinds = [kind for kind in catalogue().values() if kind.geometry != "raster" and kind.role != "plan"]
        kinds.sort(key=lambda kind: kind.name not in by_kind)
        items = [(("roles", role), self._words.say(f"rules.all_{role}")) for role in ROLES]
        for kind in kinds:
            title = capital(kind.title(language))
            held = by_kind.get(kind.name)
            items.append((("kinds", kind.name), f"{title} · {title_of(held, language)}" if held else title))
        own = [(("layers", e.name), e.title) for e in self._entries if e.kind not in catalogue()]
        place = len(ROLES) + len(by_kind)
        for data, title in (*items[:place], *own, *items[place:]):
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, data)
            item.setCheckState(Qt.CheckState.Unchecked)
            shown.addItem(item)
        shown.setFixedHeight(MANY * 24)
        return shown

    # --- show ------------------------------------------------------------------------------------------

    def show_rule(self, rule: Rule) -> None:
        """Show a rule as it stands."""
        self.rule = rule
        is_shipped = has(f"rule.{rule.name}")
        self.name.setText(capital(rule_words(rule.name, self._words.language)))
        self.name.setReadOnly(is_shipped)
        self.name.setToolTip(self._words.say("rules.shipped_name", name=rule.name) if is_shipped else "")
        self.source.setText("" if rule.source == rule.status else rule.source)  # the box below says it
        self.source.setCursorPosition(0)
        self.severity.setCurrentIndex(SEVERITIES.index(rule.severity))
        if self.status.findData(rule.status) < 0:
            self.status.addItem(rule.status, rule.status)
        self.status.setCurrentIndex(self.status.findData(rule.status))
        self._mark_layers()
        self._show_test(WITHIN if self._is_within() else rule.test)

    def _mark_layers(self) -> None:
        rule = self.rule
        checked = {("roles", n) for n in rule.roles} | {("kinds", n) for n in rule.kinds}
        checked |= {("layers", n) for n in rule.layers}
        with QSignalBlocker(self.layers):
            for row in range(self.layers.count()):
                item = self.layers.item(row)
                is_on = tuple(item.data(Qt.ItemDataRole.UserRole)) in checked
                item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        self._see_layers()
        language = self._words.language
        titles = [catalogue()[k].title(language) if k in catalogue() else k for k in rule.without]
        said = [] if checked else [self._words.say("rules.every_layer")]
        said += [self._words.say("rules.except", kinds=self._joined(titles))] if titles else []
        self.except_.setText(" ".join(said))
        self.form.setRowVisible(self.except_, bool(said))

    def _see_layers(self) -> None:
        """Scroll to the first that is ticked."""
        items = [self.layers.item(row) for row in range(self.layers.count())]
        first = next((item for item in items if item.checkState() == Qt.CheckState.Checked), items[0])
        self.layers.scrollToItem(first)

    def _joined(self, texts: Sequence[str]) -> str:
        return ("、" if self._words.language == "zh_CN" else ", ").join(texts)

    def _is_within(self) -> bool:
        """Whether the rule's condition is nothing but the bounds of the field that it shows."""
        condition = self.rule.text("condition")
        if self.rule.test != "condition" or not condition:
            return self.rule.test == "condition"
        try:
            found = bounds_of(condition)
        except KnownError:
            return False
        return found is not None and self.rule.text("field") in {"", found[0]}

    def _show_test(self, test: str) -> None:
        self.test.setCurrentIndex(self.test.findData(test))
        self.about.setText(self._words.say(f"rule_test.{test}.tip"))
        while self._asked:
            self.form.removeRow(self._asked.pop())
        if test == WITHIN:
            self._ask_bounds()
        for part in () if test == WITHIN else PARTS[test]:
            if part.sort != "pairs":
                self._ask(f"rule_part.{test}.{part.name}", self._part(part))

    def _ask(self, key: str, widget: QWidget) -> None:
        """A line of what the test reads, above the severity."""
        place = self.form.getWidgetPosition(self.severity)[0]  # type: ignore[index]  # the stubs: object
        self.form.insertRow(place, self._words.say(key), widget)
        self._asked.append(widget)

    # --- take ------------------------------------------------------------------------------------------

    def _take(self, **given: Any) -> None:
        self.rule = replace(self.rule, **given)
        self.changed.emit()

    def _give(self, **given: Any) -> None:
        """Parameters that were typed or chosen."""
        self._take(parameters={**self.rule.parameters, **given})

    def _choose_test(self, test: str) -> None:
        """Another test: what both read is kept, the rest begins as usual."""
        had = self.rule.parameters
        stored = "condition" if test == WITHIN else test
        given = {part.name: had.get(part.name, part.usual) for part in PARTS[stored]}
        if test == WITHIN:
            given |= {"condition": "", "field": ""}
        self.rule = replace(self.rule, test=stored, parameters={k: v for k, v in given.items() if v != ""})
        self._show_test(test)
        self.changed.emit()

    def _choose_layers(self) -> None:
        chosen: dict[str, list[str]] = {"roles": [], "kinds": [], "layers": []}
        for row in range(self.layers.count()):
            item = self.layers.item(row)
            if item.checkState() == Qt.CheckState.Checked:
                sort, name = item.data(Qt.ItemDataRole.UserRole)
                chosen[sort].append(name)
        kept = [kind for kind in self.rule.kinds if kind not in catalogue()]
        self.rule = replace(
            self.rule,
            roles=tuple(chosen["roles"]),
            kinds=(*kept, *chosen["kinds"]),
            layers=tuple(chosen["layers"]),
        )
        self._mark_layers()
        self._show_test(self.test.currentData())
        self.changed.emit()

    # --- parts -----------------------------------------------------------------------------------------

    def entries(self) -> list[LayerEntry]:
        """The project's layers that the rule is for, on or off."""
        rule = replace(self.rule, is_on=True)
        return [entry for entry in self._entries if rule.is_for(entry.kind, entry.name)]

    def fields(self) -> dict[str, Field]:
        """The fields that the chosen layers have, by name."""
        found: dict[str, Field] = {}
        for kind in self.rule.kinds:
            found |= meanings(kind)
        for entry in self.entries():
            found |= {field.name: field for field in self._fields_of(entry.name)}
        return found

    def missing(self) -> list[str]:
        """Fields that a condition reads and no layer has."""
        if self.rule.test != "condition":
            return []
        known = self.fields()
        there = set(known) | {field.zh for field in known.values()}
        return sorted(parse(self.rule.text("condition")).fields - there)

    def _part(self, part: Part) -> QWidget:
        value = self.rule.parameters.get(part.name, "")
        if part.sort == "number":
            return self._number(part.unit, value, lambda number: self._give(**{part.name: number}))
        if part.sort == "formula":
            return self._formula(part.name, str(value))
        if part.sort in {"kind", "kinds"}:
            return self._region(part, value)
        of = self._fields_of_parts() if part.sort == "part_field" else self.fields()
        return self._field(
            of, str(value), lambda name: self._give(**{part.name: name}), blank=not part.needed
        )

    def _number(self, unit: str, value: Any, given: Callable[[float | int | None], object]) -> QWidget:
        edit = LineEditor(Field("number", "real", unit), self._words, Bounds())
        edit.show_value(value, differs=False)

        def take() -> None:
            try:
                number = edit.value()
            except BadInput:
                number = None
            given(number if isinstance(number, int | float) else None)

        edit.touched.connect(take)
        return edit

    def _formula(self, name: str, text: str) -> QLineEdit:
        line = QLineEdit(text, clearButtonEnabled=True)
        line.setPlaceholderText(self._words.say("rules.formula"))
        line.setCursorPosition(0)
        line.textEdited.connect(lambda typed: self._give(**{name: typed.strip()}))
        return line

    def _field(
        self, fields: dict[str, Field], value: str, given: Callable[[str], object], *, blank: bool = False
    ) -> QComboBox:
        """A box of fields; one that no layer has is shown all the same."""
        box = QComboBox()
        if blank or not value:
            box.addItem("", "")
        for name, field in fields.items():
            title = field_title(field, self._words)
            box.addItem(f"{title} · {name}" if title != name else name, name)
        if box.findData(value) < 0:
            box.addItem(value, value)
        box.setCurrentIndex(box.findData(value))
        box.activated.connect(lambda: given(str(box.currentData())))
        return box

    def _fields_of_parts(self) -> dict[str, Field]:
        return meanings(self.rule.text("parts"))

    def _region(self, part: Part, value: Any) -> QComboBox:
        """A kind of region, or several of which the first that is there counts."""
        language = self._words.language
        box = QComboBox()
        regions = [name for name, kind in catalogue().items() if kind.role == "region"]
        several = tuple(value) if part.sort == "kinds" and value else ()
        choices = [(name,) for name in regions] + ([several] if len(several) > 1 else [])
        wanted = several or (str(value),)
        for names in choices:
            titles = [catalogue()[n].title(language) if n in catalogue() else n for n in names]
            box.addItem(capital(self._words.say("rules.else").join(titles)), names)
        box.setCurrentIndex(choices.index(wanted) if wanted in choices else -1)

        def take() -> None:
            names = tuple(box.currentData())
            self._give(**{part.name: list(names) if part.sort == "kinds" else names[0]})
            if part.name == "parts":
                self._show_test(self.rule.test)

        box.activated.connect(take)
        return box

    def _ask_bounds(self) -> None:
        """A field and its least and greatest value."""
        condition = self.rule.text("condition")
        found = bounds_of(condition) if condition else None
        field, within = found or (self.rule.text("field"), Bounds())
        numbers = {n: f for n, f in self.fields().items() if f.type in {"integer", "real"}}
        now = {"field": field, "low": within.low, "high": within.high}

        def give(**given: Any) -> None:
            now.update(given)
            chosen = Bounds(now["low"], now["high"])  # type: ignore[arg-type]  # numbers, or none
            written = condition_of(str(now["field"]), chosen) if now["field"] else ""
            self._give(condition=written, field=str(now["field"]))

        unit = numbers[field].unit if field in numbers else ""
        low = self._number(unit, within.low, lambda number: give(low=number))
        high = self._number(unit, within.high, lambda number: give(high=number))
        self._ask("rules.field", self._field(numbers, field, lambda name: give(field=name)))
        self._ask("rules.low", low)
        self._ask("rules.high", high)
