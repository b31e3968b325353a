"""What both schemes share: the ground, the tiles, the sides, the account of volumes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum

import numpy as np
from numpy.typing import NDArray

from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.forcing import SIDES, Side
from layers.hazards.inundation.maxima import Maxima
from layers.hazards.inundation.showers import sprinkle
from layers.hazards.inundation.sides import KINDS
from layers.hazards.inundation.steps import raising_step
from layers.hazards.inundation.tiles import PAD, Tiling, inner

Array = NDArray[np.float64]
Crests = tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class Ground:
    """Where the water runs.

    Parameters
    ----------
    bed : ndarray of float64, shape (rows, columns)
        m; NaN is closed.
    manning : ndarray of float64, shape (rows, columns), or float
        n, s/m^(1/3).
    cell : float
        m.
    sides : mapping of str to Side
        For ``west``, ``east``, ``north``, ``south``; closed where none is given.
    crests : tuple of two ndarrays of float64, or None
        Levels of what stands on west faces, shape (rows, columns + 1), and on north faces, shape
        (rows + 1, columns); NaN where nothing stands.
    """

    bed: Array
    manning: Array | float
    cell: float
    sides: Mapping[str, Side]
    crests: Crests | None = None

    @cached_property
    def open_sides(self) -> tuple[tuple[int, str, int, Side], ...]:
        """Number, name, kind and `Side` of the sides that are not closed."""
        each = ((n, name, self.sides.get(name, Side())) for n, name in enumerate(SIDES))
        return tuple((n, name, KINDS[side.kind], side) for n, name, side in each if side.kind != "closed")


@dataclass
class Account:
    """Volumes since the start, m³.

    Parameters
    ----------
    initial, rain, inflow, lost : float
        There at the start; fallen; let in at points (and by links); taken by losses.
    through : dict of str to list of two floats
        For each side that is not closed: what came in, what went out.
    made : float
        What had to be made so that no depth is negative.
    """

    initial: float = 0.0
    rain: float = 0.0
    inflow: float = 0.0
    taken: float = 0.0
    lost: float = 0.0
    made: float = 0.0
    through: dict[str, list[float]] = field(default_factory=dict)

    def cross(self, side: str, outward: float) -> None:
        """Count what passed a side in a step; negative came in."""
        passed = self.through.setdefault(side, [0.0, 0.0])
        passed[0] += max(-outward, 0.0)
        passed[1] += max(outward, 0.0)

    @property
    def gained(self) -> float:
        """All that came in."""
        return self.rain + self.inflow + sum(entered for entered, _ in self.through.values())

    @property
    def given(self) -> float:
        """All that went out."""
        return self.taken + self.lost + sum(left for _, left in self.through.values())


class Scheme(ABC):
    """The state of the water and how it moves on.

    Parameters
    ----------
    ground : Ground
    depth : ndarray of float64, shape (rows, columns)
        At the start, m; NaN is 0.
    crew : Crew

    Attributes
    ----------
    h, z : ndarray, shape (rows + 4, columns + 4)
        Depth, and bed above `datum`, with a rim.
    """

    h: NDArray  # type: ignore[type-arg]
    z: NDArray  # type: ignore[type-arg]
    crests: tuple[NDArray, NDArray] | None  # type: ignore[type-arg]
    highest: NDArray  # type: ignore[type-arg]

    def __init__(self, ground: Ground, crew: Crew) -> None:
        self.ground, self.crew = ground, crew
        self.datum = float(np.nanmin(ground.bed)) if np.isfinite(ground.bed).any() else 0.0
        self.tiling = Tiling(*ground.bed.shape)
        self.account = Account()
        self.clipped = 0
        self.open_cells = int(np.isfinite(ground.bed).sum())
        self.highest = np.zeros(len(self.tiling.full), np.float32)
        self.due = 0.0
        self.everywhere = False
        self._hold_levels()

    def _hold_levels(self) -> None:
        rows, columns = self.ground.bed.shape
        for _, name, _, side in self.ground.open_sides:
            if side.kind == "level":
                row = {"north": [0], "south": [rows - 1]}.get(name, range(rows))
                column = {"west": [0], "east": [columns - 1]}.get(name, range(columns))
                for r in row:
                    for c in column:
                        self.tiling.hold(r, c)

    @property
    def depth(self) -> NDArray:  # type: ignore[type-arg]
        """Depth without rim, a view."""
        return inner(self.h)

    @property
    def stored(self) -> float:
        """Volume of the water, m³."""
        return float(self.depth.sum(dtype=np.float64)) * self.ground.cell**2

    def start(self) -> None:
        """Take account of the water there is at the start."""
        self.account.initial = self.stored
        self.highest[:] = [self.h[a:b, c:d].max() for a, b, c, d in self.tiling.full]
        self.tiling.look(self.h)

    def levels_at(self, time: float) -> list[tuple[int, str, int, float]]:
        """Number, name, kind and value of the sides that are not closed."""
        return [
            (n, name, kind, side.value(time, self.datum)) for n, name, kind, side in self.ground.open_sides
        ]

    def edge_depth(self, time: float) -> float:
        """Greatest depth that a level imposes on a side, m."""
        deepest = 0.0
        for number, _, _, side in self.ground.open_sides:
            if side.kind == "level":
                lowest = float(np.min(self._edge(number)))
                deepest = max(deepest, side.value(time, self.datum) - lowest)
        return deepest

    def _edge(self, number: int) -> NDArray:  # type: ignore[type-arg]
        bed = inner(self.z)
        return (bed[:, 0], bed[:, -1], bed[0], bed[-1])[number]

    @abstractmethod
    def longest(self, time: float) -> float:
        """The longest stable step, s."""

    @abstractmethod
    def advance(self, time: float, dt: float, rain: float) -> float:
        """Move the water on by a step of `dt` with `rain` m/s; returns the length of the step done."""

    @abstractmethod
    def pour(self, row: int, column: int, volume: float, push: tuple[float, float] = (0.0, 0.0)) -> float:
        """Add a volume to a cell, or take it as far as there is any.

        Parameters
        ----------
        row, column : int
            Counted without rim.
        volume : float
            m³.
        push : tuple of two floats
            Discharge a metre that the water brings with it, eastward and southward, m²/s.

        Returns
        -------
        float
            What was added, m³.
        """

    def state(self) -> dict[str, NDArray]:  # type: ignore[type-arg]
        """Arrays from which a run can go on."""
        return {"highest": self.highest, "boxes": self.tiling.boxes, "always": self.tiling.always}

    def set_state(self, arrays: dict[str, NDArray]) -> None:  # type: ignore[type-arg]
        """Take the arrays that `state` gave."""
        self.highest, self.tiling.boxes, self.tiling.always = (
            arrays[name] for name in ("highest", "boxes", "always")
        )
        self.tiling.look(self.h)

    @abstractmethod
    def remember(self, maxima: Maxima, wet: float, seconds: float, clock: float) -> None:
        """Look at the state: update `maxima`."""

    def held(self, wet: float) -> tuple[int, int]:
        """How many cells are wet, and how many of them flow no faster only because the scheme holds them."""
        return 0, 0

    @abstractmethod
    def velocity(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Array, Array]:
        """Velocity eastward and southward in cells (counted without rim), m/s."""

    def raising(self, row: int, column: int, discharge: float) -> float:
        """The longest step in which an inflow does not raise its cell too much, s."""
        return float(raising_step(float(self.depth[row, column]), discharge, self.ground.cell))

    @abstractmethod
    def through(self, is_west: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
        """Discharge through west or north faces of cells (without rim), eastward or southward, m²/s."""

    def sprinkle(self, numbers: NDArray[np.int32], depths: NDArray[np.floating]) -> None:
        """Let rain fall by class of ground; the water must be worked everywhere in the step after.

        Parameters
        ----------
        numbers : ndarray of int32, shape (rows, columns)
            Class of each cell.
        depths : ndarray of float, shape (classes,)
            m.
        """
        self.everywhere = bool(depths.any())
        if not self.everywhere:
            return
        fallen, (u, v) = depths.astype(self.h.dtype, copy=False), self._moved
        parts: list[float] = []
        self.crew.share(
            lambda some: parts.append(sprinkle(self.tiling.full[some], numbers, self.h, u, v, fallen, PAD)),
            np.arange(len(self.tiling.full)),
            numbers.size,
        )
        self.account.rain += fsum(parts) * self.ground.cell**2
        self.highest += fallen.max()

    @property
    def _moved(self) -> tuple[NDArray | None, NDArray | None]:  # type: ignore[type-arg]
        """Velocities that rain slows down, where they are what is kept."""
        return None, None

    def _rain_step(self, depth: float) -> float:
        """Rain of a step that float32 can hold; the rest stays due."""
        asked = self.due + depth
        gain = float(np.float32(asked))
        self.due = asked - gain
        self.account.rain += gain * self.open_cells * self.ground.cell**2
        return gain
