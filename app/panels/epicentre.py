"""Where an earthquake begins: the middle of a county, or a place that is pointed at on the map."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox

from app.orientation.places import Gazetteer
from app.words import Words

POINT = "point"
AT = "at"


class EpicentreBox(QComboBox):
    """Signal: `picking`: a place is to be pointed at; `take` gives it."""

    picking = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._regions: dict[str, tuple[float, float]] = {}
        self._titles: list[tuple[str, str]] = []
        self._at: tuple[float, float] | None = None
        self.activated.connect(self._choose)
        words.changed.connect(self._fill)
        self._fill()

    @property
    def place(self) -> tuple[float, float]:
        """Easting and northing, m; 0, 0 if nothing is known yet."""
        if self.currentData() == AT and self._at is not None:
            return self._at
        return self._regions.get(self.currentData() or "", (0.0, 0.0))

    def take(self, x: float, y: float) -> None:
        """It is here."""
        self._at = (x, y)
        self._fill(AT)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These counties can be chosen."""
        counties = [region for region in gazetteer.regions if region.kind == "county"]
        boxes = {each.code: each.extent for each in counties}
        self._regions = {
            code: ((box.west + box.east) / 2, (box.south + box.north) / 2) for code, box in boxes.items()
        }
        self._titles = [(each.name, each.code) for each in counties]
        self._fill()

    def _choose(self) -> None:
        if self.currentData() == POINT:
            self._fill(AT if self._at is not None else "")
            self.picking.emit()

    def _fill(self, wanted: object = None) -> None:
        at = [] if self._at is None else [(f"{self._at[0]:,.0f}, {self._at[1]:,.0f}", AT)]
        refill(self, [*at, *self._titles, (self._words.say("shelter.pick"), POINT)],
               wanted if isinstance(wanted, str) else self.currentData())  # fmt: skip


def refill(box: QComboBox, items: Sequence[tuple[str, str]], chosen: object = None) -> None:
    """Other choices; what was chosen stays so, if it is still there."""
    chosen = box.currentData() if chosen is None else chosen
    with QSignalBlocker(box):
        box.clear()
        for text, value in items:
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(chosen), 0) if items else -1)
