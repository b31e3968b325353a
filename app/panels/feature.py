"""What was picked on the map: one feature or many in a form; what cannot be edited as a list of values."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QComboBox, QStackedWidget, QTreeWidgetItem, QWidget

from app.canvas.picking import Found
from app.panels.form import FeatureForm
from app.panels.parts import column, hint, number_words, row, table
from app.stack import title_of
from app.theme import font
from app.words import Words
from layers.census.bounds import Bounds
from layers.census.catalogue import meanings
from layers.layer import Field, VectorLayer

MOST = 5000
"""Features up to which a form is shown for all of them."""
HIDDEN = frozenset({"uuid", "fid", "ogc_fid", "geom"})


class FeaturePanel(QWidget):
    """The features at the point that was clicked, or those selected, one layer at a time.

    Signal: `turned(VectorLayer or None)`: what is shown is another.

    Parameters
    ----------
    words : Words
    can_edit : callable
    bounds : callable
        Bounds of the numbers of a kind of layer.
    """

    turned = Signal(object)

    def __init__(
        self, words: Words, can_edit: Callable[[], bool], bounds: Callable[[str], Mapping[str, Bounds]]
    ) -> None:
        super().__init__()
        self._words, self._can_edit, self._bounds = words, can_edit, bounds
        self._found: tuple[Found, ...] = ()
        self._selected: tuple[VectorLayer, ...] = ()
        self.empty = hint(words, "feature.empty")
        self.empty.setContentsMargins(16, 16, 16, 16)
        self.which = QComboBox()
        self.which.currentIndexChanged.connect(self._show)
        self.form = FeatureForm(words)
        self.tree = table(2)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(False)
        self._pages = QStackedWidget()
        for page in (self.empty, self.tree, self.form):
            self._pages.addWidget(page)
        layout = column(self, 0, 0)
        self._head = QWidget()
        column(self._head, 12, 0).addWidget(self.which)
        layout.addWidget(self._head)
        layout.addWidget(self._pages, 1)
        words.changed.connect(lambda: self._fill())
        self._fill()

    def show_found(self, found: tuple[Found, ...]) -> None:
        """These features were identified."""
        self._found, self._selected = found, ()
        self._fill()

    def show_selected(self, layers: tuple[VectorLayer, ...]) -> None:
        """These features were selected."""
        self._found, self._selected = (), layers
        self._fill()

    def renew(self, fresh: Callable[[VectorLayer], VectorLayer | None]) -> None:
        """Show the same features as they are now; those that are gone are no longer shown."""
        found = []
        for hit in self._found:
            layer = fresh(hit.layer) if hit.layer is not None else None
            if hit.layer is None:
                found.append(hit)
            elif layer is not None:
                found.append(replace(hit, layer=layer, values=dict(layer.attributes.iloc[0])))
        selected = (fresh(layer) for layer in self._selected)
        self._found, self._selected = tuple(found), tuple(each for each in selected if each is not None)
        self._fill(at=self.which.currentIndex())

    def begin(self) -> None:
        """The hand goes to the form."""
        if self._pages.currentWidget() is self.form:
            self.form.begin()

    @property
    def layer(self) -> VectorLayer | None:
        """The features in the form."""
        chosen = self.which.currentData()
        if isinstance(chosen, Found):
            return chosen.layer
        return chosen if isinstance(chosen, VectorLayer) and len(chosen) <= MOST else None

    def _fill(self, at: int = 0) -> None:
        with QSignalBlocker(self.which):
            self.which.clear()
            for hit in self._found:
                self.which.addItem(self._name_of(hit), hit)
            for layer in self._selected:
                self.which.addItem(self._name_of_several(layer), layer)
            if len(self._found) > 1:
                self.which.addItem(self._words.say("feature.all"), None)
            self.which.setCurrentIndex(min(max(at, 0), self.which.count() - 1))
        self._head.setVisible(self.which.count() > 0)
        self._show()

    def _name_of(self, hit: Found) -> str:
        title = title_of(hit.entry, self._words.language)
        name = next((hit.values[n] for n in ("name", "code") if hit.values.get(n)), "")
        return f"{title} · {name}" if name else title

    def _name_of_several(self, layer: VectorLayer) -> str:
        first = layer.attributes.iloc[0] if len(layer) == 1 else {}
        name = next((str(first[n]) for n in ("name", "code") if first.get(n)), "")
        count = self._words.say("feature.count", number=number_words(len(layer)))
        return f"{title_of(layer, self._words.language)} · {name or count}"

    def _show(self) -> None:
        self._lay_out_page()
        self.turned.emit(self.layer)

    def _lay_out_page(self) -> None:
        layer = self.layer
        if layer is not None and len(layer):
            known = meanings(layer.kind, layer.fields)
            names = [str(name) for name in layer.attributes if str(name) not in HIDDEN]
            fields = tuple(known.get(name, Field(name)) for name in names)
            bounds = self._bounds(layer.kind)
            self.form.show_features(layer, fields, bounds, can_edit=self._can_edit())
            self._pages.setCurrentWidget(self.form)
            return
        self.form.write_pending()
        self.tree.clear()
        chosen = self.which.currentData()
        for hit in (chosen,) if isinstance(chosen, Found) else self._found:
            self._add_feature(hit)
        self.tree.expandAll()
        self._pages.setCurrentWidget(self.tree if self._found or chosen is not None else self.empty)

    def _add_feature(self, hit: Found) -> None:
        known = meanings(hit.entry.kind)
        head = self._head_of(title_of(hit.entry, self._words.language))
        for name, value in hit.values.items():
            if name in HIDDEN or value is None or value != value or value == "":
                continue
            meaning = known.get(name, Field(name, unit=hit.entry.unit))
            head.addChild(row([self._field_words(meaning), value_words(value, meaning.unit)], [1]))

    def _field_words(self, field: Field) -> str:
        if field.name == "value":
            return self._words.say("feature.value")
        own = field.zh if self._words.language == "zh_CN" else field.en
        return own or field.name

    def _head_of(self, text: str) -> QTreeWidgetItem:
        head = QTreeWidgetItem([text])
        head.setFont(0, font(13, strong=True))
        head.setForeground(0, QBrush(self.palette().link().color()))
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.addTopLevelItem(head)
        head.setFirstColumnSpanned(True)
        return head


def value_words(value: object, unit: str) -> str:
    """A cell of a table as one reads it; codes and years are not torn into thousands."""
    if isinstance(value, float) or (isinstance(value, int) and unit not in {"", "a"}):
        text = number_words(float(value))
    else:
        text = str(value)
    return f"{text} {unit}" if unit else text
