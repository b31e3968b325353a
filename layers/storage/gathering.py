"""Gathering: shapes that come batch by batch, laid into arrays that are made once for all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.layer import GeometryKind, Offsets, Shapes

_DEPTHS = {"point": 1, "line": 2, "polygon": 3}
_SPARE = 1.1  # room for so many times what the first batch lets expect


class Gathering:
    """Shapes of one kind, one batch after the other.

    Parameters
    ----------
    kind : {"point", "line", "polygon"}
    rows : int
        How many features are expected.
    """

    def __init__(self, kind: GeometryKind, rows: int) -> None:
        self._kind, self._rows = kind, rows
        self._xy: NDArray[np.float64] = np.empty((0, 2))
        self._vertices = 0
        self._offsets = [np.zeros(1, np.int64) for _ in range(_DEPTHS[kind])]
        self._counts = [0] * _DEPTHS[kind]

    def add(self, part: Shapes) -> None:
        """The features that follow."""
        share = max(self._rows / max(len(part), 1), 1.0) * _SPARE
        self._xy = _with_room(self._xy, self._vertices, len(part.xy), share)
        self._xy[self._vertices : self._vertices + len(part.xy)] = part.xy
        below = self._vertices
        self._vertices += len(part.xy)
        for level, offsets in enumerate(part.offsets):
            count = self._counts[level]
            room = _with_room(self._offsets[level], count + 1, len(offsets) - 1, share)
            np.add(offsets[1:], below, out=room[count + 1 : count + len(offsets)])
            self._offsets[level], self._counts[level] = room, count + len(offsets) - 1
            below = count

    def shapes(self) -> Shapes:
        """All that was added."""
        offsets: tuple[Offsets, ...] = tuple(
            array[: count + 1] for array, count in zip(self._offsets, self._counts, strict=True)
        )
        return Shapes(self._kind, self._xy[: self._vertices], offsets)


def _with_room(array: NDArray[Any], used: int, more: int, share: float) -> NDArray[Any]:
    """The array, or a longer one that begins as it does: with room for `more`, and at first for all."""
    if used + more <= len(array):
        return array
    size = max(used + more, int(more * share) + used if used <= 1 else int(1.3 * used) + more)
    longer = np.empty((size, *array.shape[1:]), array.dtype)
    longer[:used] = array[:used]
    return longer
