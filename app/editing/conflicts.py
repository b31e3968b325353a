"""Conflicts of a merge, shown side by side on the map: one feature at a time, chosen field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import shapely
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
)

from app.canvas.compared import SIDES, Compared, Legend
from app.panels.cells import exact_words, field_words
from app.panels.parts import column, deed_and_cancel, row, table
from app.stack import title_of
from app.theme import named
from app.words import Words
from layers.census.catalogue import meanings
from layers.changes import Row
from layers.editing.merging import ROW, Choice, Disagreement
from layers.grid import Extent
from layers.layer import Field
from layers.storage.geopackage import ProjectFile
from layers.words import Language

if TYPE_CHECKING:
    from app.main_window import MainWindow

LEAST = 60.0
"""Metres about a feature that are shown at least."""
AROUND = 0.4
"""Share of a feature's size that is shown about it."""
MOST_NEIGHBOURS = 400
CHOICES: tuple[Choice, ...] = ("mine", "theirs", "base")


@dataclass(frozen=True)
class Contested:
    """A feature that both sides changed.

    Parameters
    ----------
    table, key : str
    name : str
        For people: layer and feature.
    fields : tuple of Disagreement
    titles : mapping of str to Field
        The layer's fields by name.
    shapes : mapping of str to geometry
        By side; a side that has none is not in it.
    around : tuple of geometries
        Its neighbours.
    """

    table: str
    key: str
    name: str
    fields: tuple[Disagreement, ...]
    titles: Mapping[str, Field]
    shapes: Mapping[str, Any]
    around: tuple[Any, ...]

    @property
    def extent(self) -> Extent | None:
        """What both pictures show."""
        if not self.shapes:
            return None
        west, south, east, north = shapely.total_bounds(list(self.shapes.values()))
        wide = max(LEAST, AROUND * max(east - west, north - south))
        return Extent(west, south, east, north).grown(wide)


Fields = tuple[Disagreement, ...]


def by_feature(conflicts: Sequence[Disagreement]) -> tuple[Fields, ...]:
    """The conflicts of each feature."""
    features: dict[tuple[str, str], list[Disagreement]] = {}
    for each in conflicts:
        features.setdefault((each.table, each.key), []).append(each)
    return tuple(map(tuple, features.values()))


def contested(fields: Fields, project: ProjectFile, language: Language) -> Contested:
    """A feature that both sides changed, with its shapes on all sides and what lies around."""
    name, key = fields[0].table, fields[0].key
    held: Row = project.table(name).get(key) or {}
    rows: dict[str, Row] = {side: _row(fields, side, held) for side in SIDES}
    shapes = {
        side: shape for side, cells in rows.items() if (shape := _geometry(cells.get("geom"))) is not None
    }
    title = next((str(cells["name"]) for cells in (held, *rows.values()) if cells.get("name")), key[:8])
    entry = project.layer(name)
    titles = meanings(entry.kind, entry.fields)
    found = Contested(name, key, f"{title_of(entry, language)} · {title}", fields, titles, shapes, ())
    extent = found.extent
    if extent is None:
        return found
    near = project.read(name, columns=[], extent=extent.grown(extent.width), strict=False)
    other = (near.attributes["uuid"] != key).to_numpy()
    return replace(found, around=tuple(near.take(other).shapes.geometries()[:MOST_NEIGHBOURS]))


def _row(fields: Fields, side: str, held: Row) -> Row:
    """The row of one side as far as it is known: where nobody disagrees, as it is held."""
    if fields[0].field == ROW:
        found: Any = getattr(fields[0], side)
        return found or {}
    return {**held, **{each.field: getattr(each, side) for each in fields}}


def _geometry(cell: Any) -> Any | None:
    found = shapely.from_wkb(cell, on_invalid="ignore") if isinstance(cell, bytes) else None
    return None if found is None or found.is_empty else found


class ConflictsPage(QDialog):
    """Ours at the left, theirs at the right, the fields below. Nothing is merged before all are chosen."""

    def __init__(self, conflicts: Sequence[Disagreement], window: MainWindow) -> None:
        super().__init__(window)
        project = window.desk.project
        assert project is not None
        self._words = window.words
        self._project = project
        self.features = by_feature(conflicts)
        self.choices: dict[tuple[str, str, str], Choice] = {}
        self._count = len(conflicts)
        self.number = 0
        self.setWindowTitle(self._words.say("conflicts.title"))
        self.resize(1080, 660)
        layout = column(self, 16, 8)
        layout.addLayout(self._head())
        layout.addLayout(self._pictures(), 1)
        layout.addWidget(Legend(self._words))
        self.list = table(5)
        self.list.setHeaderLabels([self._words.say(f"conflicts.{n}") for n in ("field", *SIDES, "choose")])
        for place in range(1, 5):
            self.list.header().setSectionResizeMode(place, self.list.header().ResizeMode.Stretch)
        self.list.setFixedHeight(176)
        layout.addWidget(self.list)
        layout.addLayout(self._foot())
        self.show_feature(0)
        self.list.setFocus()

    # --- parts -----------------------------------------------------------------------------------------

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.title = QLabel()
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.place = named(QLabel(), "hint")
        line.addWidget(self.title)
        line.addStretch(1)
        line.addWidget(self.place)
        for key, step, keys in (("previous", -1, Qt.Key.Key_PageUp), ("next", 1, Qt.Key.Key_PageDown)):
            button = QPushButton(self._words.say(f"conflicts.{key}"))
            button.setShortcut(keys)
            button.setAutoDefault(False)
            button.clicked.connect(partial(self.step, step))
            line.addWidget(button)
        return line

    def _pictures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        self.pictures: dict[str, Compared] = {}
        for place, side in enumerate(CHOICES[:2]):
            picture = self.pictures[side] = Compared(side)
            take = QPushButton(self._words.say(f"conflicts.take_{side}"))
            take.setAutoDefault(False)
            take.clicked.connect(partial(self.choose_feature, side))
            head = QHBoxLayout()
            head.addWidget(named(QLabel(self._words.say(f"conflicts.{side}")), "heading"))
            head.addStretch(1)
            head.addWidget(take)
            grid.addLayout(head, 0, place)
            grid.addWidget(picture, 1, place)
            grid.setColumnStretch(place, 1)
        one, other = self.pictures.values()
        one.moved.connect(other.show_extent)
        other.moved.connect(one.show_extent)
        grid.setRowStretch(1, 1)
        return grid

    def _foot(self) -> QHBoxLayout:
        line = QHBoxLayout()
        for side in ("mine", "theirs"):
            button = QPushButton(self._words.say(f"conflicts.all_{side}"))
            button.setAutoDefault(False)
            button.clicked.connect(partial(self.choose_all, side))
            line.addWidget(button)
        self.left = named(QLabel(), "hint")
        line.addWidget(self.left)
        line.addStretch(1)
        box, self.fine = deed_and_cancel(self, self._words.say("conflicts.merge"))
        line.addWidget(box)
        return line

    # --- showing and choosing --------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """The feature before or after; round and round."""
        self.show_feature((self.number + by) % len(self.features))

    def show_feature(self, number: int) -> None:
        """One of the features: its shapes above, its fields below."""
        self.number = number
        feature = self.feature = contested(self.features[number], self._project, self._words.language)
        self.title.setText(feature.name)
        self.place.setText(self._words.say("conflicts.place", number=number + 1, count=len(self.features)))
        for side, picture in self.pictures.items():
            gone = self._words.say("conflicts.nowhere" if not feature.shapes else "conflicts.removed")
            picture.show_shapes(feature.shapes, feature.around, "" if side in feature.shapes else gone)
            if feature.extent is not None:
                picture.show_extent(feature.extent)
        self.list.clear()
        self.boxes: list[QComboBox] = []
        for each in feature.fields:
            self._add(each)
        self._refresh()

    def _add(self, each: Disagreement) -> None:
        cells = [self._told(each, side) for side in SIDES]
        item = row([self._field(each.field), *cells, ""])
        self.list.addTopLevelItem(item)
        box = QComboBox()
        box.addItem(self._words.say("conflicts.open"), "")
        for choice in CHOICES:
            box.addItem(self._words.say(f"conflicts.{choice}"), choice)
        box.setCurrentIndex(box.findData(self.choices.get(each.place, "")))
        box.currentIndexChanged.connect(lambda: self._choose(each, box.currentData()))
        self.boxes.append(box)
        self.list.setItemWidget(item, 4, box)

    def _field(self, name: str) -> str:
        if name in {ROW, "geom"}:
            return self._words.say("conflicts.row" if name == ROW else "conflicts.geometry")
        return field_words(self.feature.titles.get(name, Field(name)), self._words)

    def _told(self, each: Disagreement, side: str) -> str:
        """What a side has: of a shape its size, of a row what became of it."""
        value: Any = getattr(each, side)
        if each.field == "geom":
            return _measure(_geometry(value), self._words)
        if each.field != ROW:
            return exact_words(value, self.feature.titles.get(each.field, Field(each.field))) or "—"
        if value is None:
            return self._words.say("conflicts.removed")
        was: Any = each.base or {}
        changed = [self._field(name) for name in value if value[name] != was.get(name)]
        key = "conflicts.changed" if changed else "conflicts.as_it_was"
        return self._words.say(key, fields="、".join(changed))

    def _choose(self, each: Disagreement, choice: Choice | str) -> None:
        if choice in CHOICES:
            self.choices[each.place] = choice
        else:
            self.choices.pop(each.place, None)
        self._refresh()

    def choose_feature(self, side: Choice) -> None:
        """The same side for every field of the feature that is shown; then the next one that is open."""
        for each in self.features[self.number]:
            self.choices[each.place] = side
        rest = [n for n, fields in enumerate(self.features) if self._is_open(fields)]
        after = next((n for n in rest if n > self.number), rest[0] if rest else self.number)
        self.show_feature(after)

    def choose_all(self, side: Choice) -> None:
        """The same side for every field of every feature."""
        for each in chain.from_iterable(self.features):
            self.choices[each.place] = side
        for box in self.boxes:
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(side))
        self._refresh()

    def _is_open(self, fields: Fields) -> bool:
        return any(each.place not in self.choices for each in fields)

    def _refresh(self) -> None:
        left = self._count - len(self.choices)
        self.fine.setEnabled(not left)
        key = "conflicts.left" if left else "conflicts.done"
        self.left.setText(self._words.say(key, left=left, count=self._count))


def _measure(shape: Any | None, words: Words) -> str:
    """The size of a shape, or the place of a point; coordinates are metres."""
    if shape is None:
        return words.say("conflicts.nowhere")
    if shape.area:
        return words.say("conflicts.area", hectares=f"{shape.area / 1e4:,.2f}")
    if shape.length:
        return words.say("conflicts.length", metres=f"{shape.length:,.1f}")
    return f"{shape.centroid.x:.2f}, {shape.centroid.y:.2f}"
