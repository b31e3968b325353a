"""What the user has chosen to look at: one hazard and one region, the same in every panel."""

from PySide6.QtCore import QObject, Signal

HAZARDS = ("flood", "inundation", "earthquake", "shaking", "fire", "drought", "wind_hail")
CITY = "all"


class Choice(QObject):
    """One hazard, one region; `changed` when either is another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hazard = HAZARDS[0]
        self.region = ""

    def take_hazard(self, hazard: str) -> None:
        """Look at another hazard."""
        if hazard and hazard != self.hazard:
            self.hazard = hazard
            self.changed.emit()

    def take_region(self, code: str) -> None:
        """Look at another region: the code of a county or township, or the city."""
        if code != self.region:
            self.region = code
            self.changed.emit()
