"""Choose shelters: what happens, who needs a place, which sites may serve, and what a good plan is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.desk import Desk
from app.orientation.places import Gazetteer
from app.panels.epicentre import EpicentreBox, refill
from app.panels.parts import column, even
from app.panels.priority_box import PriorityBox
from app.stack import group_of, title_of
from app.theme import named
from app.turns import Later
from app.words import Words, capital
from layers.hazards.source import SourceEntry
from layers.siting.candidates import SOURCES
from layers.siting.closing import BRIDGES_FALL_AT, ROAD_CLOSED_AT
from layers.siting.network import WALKING
from layers.siting.residents import UNITS
from layers.siting.rules import Rule, shelter_classes
from layers.siting.scenario import (
    KINDS,
    STAGES,
    Scenario,
    flood_layers,
    shaking_layers,
    stored_earthquake,
    stored_flood,
)
from layers.siting.shelter_wish import Exclusion, ShelterWish

OBJECTIVES = ("max-cover", "p-median", "set-cover", "p-center")
BY_MAGNITUDE = ""
"""An earthquake of this magnitude, not a stored one."""
AREAS = ("hazard", "result", "plan", "other")
"""Groups of layers whose polygons may be an area that is cleared."""
NUMBER = 84
"""Width of a field for a number, pixels."""


class ShelterPanel(QWidget):
    """Signals: `solved`, `cancelled`."""

    solved = Signal()
    cancelled = Signal()

    def __init__(self, desk: Desk, words: Words) -> None:
        super().__init__()
        self._desk, self._words = desk, words
        self._gazetteer = Gazetteer()
        self._is_busy = False
        self._texts: list[tuple[QComboBox, str, tuple[str, ...]]] = []
        self._labels: list[QLabel] = []
        self._make()
        self._lay_out()
        self._late = Later(self._follow, self)
        self._connect()
        self._speak()

    # --- what it says ------------------------------------------------------------------------------------

    def scenario(self) -> Scenario:
        """The event that the form describes."""
        kind, stored = self.kind.currentData(), self.quake.currentData()
        if kind == "earthquake" and stored in self._earthquakes:
            return self._earthquakes[stored]
        if kind == "earthquake":
            return Scenario(kind, self.magnitude.value(), *self.place.place, float(self.azimuth.value()))
        if kind == "area":
            return Scenario(kind, layer=self.area.currentData() or "")
        held = self._floods.get(self.flood.currentData() or "")
        return Scenario(kind) if kind != "flood" or held is None else stored_flood(held, self.stage.value())

    def wish(self, rules: Sequence[Rule], evidence: Sequence[tuple[str, str]] = ()) -> ShelterWish:
        """All that the form asks for."""
        flood = Exclusion(self.flood.currentData() or "", self.stage.value())
        covers = self.objective.currentData() == "set-cover"
        return ShelterWish(
            scenario=self.scenario(),
            by_day=self.time.currentData() == "day",
            unit=self.unit.currentData(),
            cell=float(self.cell.value()),
            region=self.region.currentData() or "all",
            sources=tuple(name for name, box in self.sources.items() if box.isChecked()),
            keep_existing=self.keep.isChecked(),
            stay=self.stay.currentData(),
            objective=self.objective.currentData(),
            count=None if covers else self.count.value(),
            budget=float(self.budget.value()) or None,
            radius=None if self.by_class.isChecked() else float(self.radius.value()),
            with_capacity=self.capacity.isChecked(),
            single_source=self.whole.isChecked(),
            time_limit=float(self.limit.value()),
            rules=tuple(rules),
            flood=flood if self._excludes_water() else None,
            evidence=tuple(evidence),
            bridges=self.bridges.value(),
            speed=self.speed.value(),
            road_depth=self.road_depth.value(),
            priority=self.priority.groups(),
        )

    def _excludes_water(self) -> bool:
        """Whether a flood beside the event closes sites and roads: only where the project holds one."""
        asked = self.exclude.isChecked() and self.flood.count() > 0
        return asked and self.kind.currentData() != "flood"

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self.place.show_regions(gazetteer)
        self._follow()

    def show_busy(self, busy: bool) -> None:
        """A plan is being sought: the button stops it."""
        self._is_busy = busy
        self.gap.setText("")
        self.gap.setVisible(busy)
        self._follow_busy()

    def show_gap(self, gap: float) -> None:
        """How near the search is to its bound."""
        self.gap.setText(self._words.say("shelter.nearing", gap=f"{gap:.2%}") if self._is_busy else "")

    # --- widgets -----------------------------------------------------------------------------------------

    def _make(self) -> None:
        self.kind, self.place, self.flood = (
            self._box("scenario", KINDS),
            EpicentreBox(self._words),
            QComboBox(),
        )
        self.quake, self._earthquakes = QComboBox(), dict[str, Scenario]()
        self._floods: dict[str, SourceEntry] = {}
        self.area = QComboBox()
        self.magnitude = _spin(5.0, 8.5, 6.5, 1, 0.1)
        self.azimuth = _whole(0, 179, 30, "°")
        self.bridges = _spin(6.0, 12.0, BRIDGES_FALL_AT, 1, 0.5)
        self.road_depth = _spin(0.1, 2.0, ROAD_CLOSED_AT, 1, 0.1, " m")
        self.speed = _spin(0.3, 2.5, WALKING, 1, 0.1, " m/s")
        self.stage = _spin(0.1, 20.0, 1.0, 1, 0.5, " m")
        self.unit, self.time = self._box("unit_of", UNITS), self._box("time", ("night", "day"))
        self.cell, self.region = _whole(100, 5000, 1000, " m", 100), QComboBox()
        self.priority = PriorityBox(self._words)
        self.sources = {name: QCheckBox() for name in SOURCES}
        for name, box in self.sources.items():
            self._words.bind(box.setText, f"shelter.source.{name}")
            box.setChecked(name != "place")
        self.keep, self.exclude = QCheckBox(), QCheckBox()
        self.exclude.setChecked(True)
        self.stay = self._box("class_of", ("", *(each.name for each in shelter_classes())))
        self.objective = self._box("objective", OBJECTIVES)
        self.count, self.radius = _whole(1, 3000, 60), _whole(100, 50_000, 5000, " m", 500)
        self.by_class, self.capacity, self.whole = QCheckBox(), QCheckBox(), QCheckBox()
        self.capacity.setChecked(True)
        self.budget, self.limit = _whole(0, 1_000_000, 0, " 万元", 100), _whole(1, 3600, 30, " s", 10)
        for box, key in ((self.keep, "keep"), (self.exclude, "exclude"), (self.by_class, "by_class"),
                         (self.capacity, "capacity"), (self.whole, "whole")):  # fmt: skip
            self._words.bind(box.setText, f"shelter.{key}")
            self._words.bind(box.setToolTip, f"shelter.{key}.tip")
        self._words.bind(self.budget.setSpecialValueText, "shelter.no_budget")
        self.class_note = named(QLabel(wordWrap=True), "faint")
        self.gap = named(QLabel(), "soft")
        self.start = named(QPushButton(), "primary")

    def _box(self, theme: str, choices: tuple[str, ...]) -> QComboBox:
        """A box of words that follow the language; for a class, the class itself."""
        box = QComboBox()
        for choice in choices:
            box.addItem("", choice)
        self._texts.append((box, theme, choices))
        return box

    def _lay_out(self) -> None:
        page = named(QWidget(), "form")
        body = column(page, 0, 6)
        body.setContentsMargins(12, 10, 12, 10)
        self._scenario(body)
        self._section(body, "who", (("unit", self.unit), ("cell", self.cell), ("region", self.region),
                                    ("time", self.time)))  # fmt: skip
        self._heading(body, "priority")
        body.addWidget(self.priority)
        self._section(body, "sites", (("stay", self.stay),))
        body.addWidget(self.class_note)
        boxes = list(self.sources.values())
        self._checks(body, *boxes[:2])
        self._checks(body, *boxes[2:])
        self._checks(body, self.keep)
        self._section(body, "goal", (("objective", self.objective), ("count", self.count),
                                     ("radius", self.radius), ("speed", self.speed)))  # fmt: skip
        self._checks(body, self.by_class, self.capacity)
        self._checks(body, self.whole)
        self._section(body, "", (("budget", self.budget), ("limit", self.limit)))
        body.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        layout = column(self, 0, 0)
        layout.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 8, 12, 12)
        foot.addWidget(self.gap)
        foot.addWidget(self.start)
        layout.addLayout(foot)

    def _scenario(self, body: QVBoxLayout) -> None:
        self._heading(body, "scenario")
        self._shaken, self._quake, self._bridged, self._water, self._cleared = (QWidget() for _ in range(5))
        body.addLayout(self._form((("kind", self.kind),)))
        for page, rows in (
            (self._shaken, (("quake", self.quake),)),
            (
                self._quake,
                (("magnitude", self.magnitude), ("epicentre", self.place), ("azimuth", self.azimuth)),
            ),
            (self._bridged, (("bridges", self.bridges),)),
            (self._water, (("flood", self.flood), ("stage", self.stage), ("road_depth", self.road_depth))),
            (self._cleared, (("area", self.area),)),
        ):
            form = self._form(rows)
            form.setContentsMargins(0, 0, 0, 0)
            page.setLayout(form)
        body.addWidget(self._shaken)
        body.addWidget(self._quake)
        body.addWidget(self._bridged)
        body.addWidget(self._cleared)
        body.addWidget(self.exclude)
        body.addWidget(self._water)

    def _section(self, body: QVBoxLayout, key: str, rows: Sequence[tuple[str, QWidget]]) -> None:
        if key:
            self._heading(body, key)
        body.addLayout(self._form(rows))

    def _heading(self, body: QVBoxLayout, key: str) -> None:
        label = named(QLabel(), "heading")
        self._words.bind(label.setText, f"shelter.{key}")
        body.addSpacing(4)
        body.addWidget(label)

    def _form(self, rows: Sequence[tuple[str, QWidget]]) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(6)
        form.setHorizontalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, field in rows:
            label = QLabel()
            self._labels.append(label)
            self._words.bind(label.setText, f"shelter.{key}")
            self._words.bind(field.setToolTip, f"shelter.{key}.tip")
            if isinstance(field, QComboBox):
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            form.addRow(label, field)
        return form

    def _checks(self, body: QVBoxLayout, *boxes: QCheckBox) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        for box in boxes:
            row.addWidget(box)
        row.addStretch(1)
        body.addLayout(row)

    def _connect(self) -> None:
        self.start.clicked.connect(lambda: (self.cancelled if self._is_busy else self.solved).emit())
        for box in (self.kind, self.quake, self.flood, self.unit, self.objective, self.stay):
            box.currentIndexChanged.connect(self._allow)
        for check in (self.by_class, self.exclude, self.keep):
            check.toggled.connect(self._allow)
        self._words.changed.connect(self._speak)
        self._desk.changed.connect(lambda _: self._late.start())

    # --- following ---------------------------------------------------------------------------------------

    def _speak(self) -> None:
        say, zh = self._words.say, self._words.language == "zh_CN"
        english = {each.name: each.en for each in shelter_classes()}
        for box, theme, choices in self._texts:
            for number, choice in enumerate(choices):
                if theme == "class_of":
                    text = say("shelter.own_class") if not choice else choice if zh else english[choice]
                else:
                    text = say(f"shelter.{theme}.{choice}")
                box.setItemText(number, capital(text))
        even(self._labels)
        self._late.start()
        self._follow_busy()

    def _follow(self) -> None:
        """Regions and flood results of the project that lies open."""
        counties = [region for region in self._gazetteer.regions if region.kind == "county"]
        refill(self.region, [(self._words.say("region.city"), "all"), *((r.name, r.code) for r in counties)])
        project = self._desk.project
        entries = () if project is None else project.layers()
        titles = {each.name: title_of(each, self._words.language) for each in entries}
        floods = () if project is None else flood_layers(project)
        self._floods = {each.name: each for each in floods}
        refill(self.flood, [(titles[each.name], each.name) for each in floods])
        areas = [each for each in entries if each.geometry == "polygon" and group_of(each) in AREAS]
        refill(self.area, [(titles[each.name], each.name) for each in areas])
        shaken = () if project is None else shaking_layers(project)
        self._earthquakes = {each.name: stored_earthquake(each) for each in shaken}
        events = [(self._event_words(titles[each.name], each.name), each.name) for each in shaken]
        refill(self.quake, [(self._words.say("shelter.by_magnitude"), BY_MAGNITUDE), *events])
        self._allow()

    def _event_words(self, title: str, name: str) -> str:
        """A stored earthquake with its magnitude, where that is known."""
        magnitude = self._earthquakes[name].magnitude
        return f"M{magnitude:.1f} · {title}" if magnitude else title

    def _allow(self) -> None:
        kind, has_flood = self.kind.currentData(), self.flood.count() > 0
        self._shaken.setVisible(kind == "earthquake")
        self._bridged.setVisible(kind == "earthquake")
        self._cleared.setVisible(kind == "area")
        self._quake.setVisible(kind == "earthquake" and self.quake.currentData() == BY_MAGNITUDE)
        self.exclude.setVisible(kind != "flood")
        self.exclude.setEnabled(has_flood)
        self._water.setVisible(kind == "flood" or (self.exclude.isChecked() and has_flood))
        held = self._floods.get(self.flood.currentData() or "")
        self.stage.setEnabled(held is None or held.kind == STAGES)
        self.cell.setEnabled(self.unit.currentData() == "grid")
        self.count.setEnabled(self.objective.currentData() != "set-cover")
        self.radius.setEnabled(not self.by_class.isChecked())
        self.start.setEnabled(self._is_busy or self._desk.can_edit)
        self.class_note.setText(self._class_words())

    def _class_words(self) -> str:
        """Area a person and way of the chosen class, with the status of the numbers."""
        found = next((each for each in shelter_classes() if each.name == self.stay.currentData()), None)
        if found is None:
            return self._words.say("shelter.own_class.note")
        walk = f"{found.walk:g}" if found.walk == found.walk else "—"
        status = self._words.say(f"status.{found.status}")
        return self._words.say("shelter.class_note", area=found.area_per_person, walk=walk, status=status)

    def _follow_busy(self) -> None:
        self.start.setText(self._words.say("shelter.stop" if self._is_busy else "shelter.solve"))
        self._allow()


def _spin(
    low: float, high: float, value: float, decimals: int, step: float, suffix: str = ""
) -> QDoubleSpinBox:
    spin = QDoubleSpinBox(decimals=decimals)
    spin.setRange(low, high)
    spin.setSingleStep(step)
    spin.setValue(value)
    spin.setSuffix(suffix)
    return spin


def _whole(low: int, high: int, value: int, suffix: str = "", step: int = 1) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setSingleStep(step)
    spin.setValue(value)
    spin.setSuffix(suffix)
    return spin
