"""What was identified on the map: each feature with its fields in the words and units of the catalogue."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QStackedLayout, QTreeWidgetItem, QWidget

from app.canvas.picking import Found
from app.panels.parts import hint, number_words, row, table
from app.stack import title_of
from app.theme import font
from app.words import Words
from layers.census.catalogue import catalogue
from layers.layer import Field, VectorLayer

HIDDEN = frozenset({"uuid", "fid", "ogc_fid", "geom"})


class FeaturePanel(QWidget):
    """Fields of the features at the point that was clicked, or a count of what was selected."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._found: tuple[Found, ...] = ()
        self._selected: tuple[VectorLayer, ...] = ()
        self._pages = QStackedLayout(self)
        self.empty = hint(words, "feature.empty")
        self.empty.setContentsMargins(16, 16, 16, 16)
        self.tree = table(2)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(False)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.tree)
        words.changed.connect(self._fill)

    def show_found(self, found: tuple[Found, ...]) -> None:
        """These features were identified."""
        self._found, self._selected = found, ()
        self._fill()

    def show_selected(self, layers: tuple[VectorLayer, ...]) -> None:
        """These features were selected."""
        self._found, self._selected = (), layers
        self._fill()

    def _fill(self) -> None:
        self.tree.clear()
        self._pages.setCurrentWidget(self.tree if self._found or self._selected else self.empty)
        for hit in self._found:
            self._add_feature(hit)
        for layer in self._selected:
            self._add_selection(layer)
        self.tree.expandAll()

    def _add_feature(self, hit: Found) -> None:
        kind = catalogue().get(hit.entry.kind)
        meanings = {field.name: field for field in (kind.fields if kind else ())}
        head = self._head(title_of(hit.entry, self._words.language))
        for name, value in hit.values.items():
            if name in HIDDEN or value is None or value != value or value == "":
                continue
            meaning = meanings.get(name, Field(name, unit=hit.entry.unit))
            head.addChild(row([self._field_words(meaning), value_words(value, meaning.unit)], [1]))

    def _add_selection(self, layer: VectorLayer) -> None:
        kind = catalogue().get(layer.kind)
        title = layer.title if kind is None else kind.title(self._words.language)
        count = self._words.say("feature.count", number=number_words(len(layer)))
        self.tree.addTopLevelItem(row([title or layer.name, count], [1]))

    def _field_words(self, field: Field) -> str:
        if field.name == "value":
            return self._words.say("feature.value")
        own = field.zh if self._words.language == "zh_CN" else field.en
        return own or field.name

    def _head(self, text: str) -> QTreeWidgetItem:
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
