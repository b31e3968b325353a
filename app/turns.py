"""Made in turns: what the window's thread needs long for is made part by part, and it answers between."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

BETWEEN = 20
"""Milliseconds from the end of a part to the next: what it has set going comes first."""


class Making(QObject):
    """Something that is being made: a part in each turn of the window, or all that is left at once.

    Signal: `whole`, when the last part is made.

    Parameters
    ----------
    parts : iterator
        Each step makes a part.
    parent : QObject
    """

    whole = Signal()

    def __init__(self, parts: Iterator[object], parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._turns = QTimer(self, interval=BETWEEN, singleShot=True)
        self._turns.timeout.connect(self._turn)

    def begin(self) -> None:
        """Make a part in each turn from now on."""
        self._turns.start()

    def finish(self) -> None:
        """Somebody cannot wait: make all that is left."""
        self._turns.stop()
        all_of(self._parts)
        self.whole.emit()

    def _turn(self) -> None:
        if next(self._parts, self) is self:
            self.whole.emit()
        else:
            self._turns.start()


def parts_of(work: object) -> Iterator[object]:
    """What somebody's work yields, if it is done in parts."""
    return work if isinstance(work, Iterator) else iter(())


def all_of(work: object) -> None:
    """Do all parts of somebody's work at once, if it is done in parts."""
    for _ in parts_of(work):
        pass
