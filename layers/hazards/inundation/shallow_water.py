"""The shallow-water scheme as a `Scheme`."""

import numpy as np
from numpy.typing import NDArray

from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.local_inertial import crests_of, friction_of
from layers.hazards.inundation.maxima import Maxima, remember_velocity
from layers.hazards.inundation.passing import passing
from layers.hazards.inundation.scheme import Array, Ground, Scheme
from layers.hazards.inundation.shallow import advance, leaves
from layers.hazards.inundation.shallow_faces import GRAVITY
from layers.hazards.inundation.sides import continue_bed, state_at_side
from layers.hazards.inundation.steps import LONGEST
from layers.hazards.inundation.tiles import CLOSED, PAD, padded

State = tuple[Array, Array, Array]
COURANT = 0.45
_SHORT = -1e-12  # m: a depth below is not rounding


class ShallowWater(Scheme):
    """The whole shallow-water equations, for breaches, steep and fast flow; float64.

    Parameters
    ----------
    ground : Ground
    depth : ndarray of float64, shape (rows, columns)
    crew : Crew
    """

    def __init__(self, ground: Ground, depth: Array, crew: Crew) -> None:
        super().__init__(ground, crew)
        known = np.isfinite(ground.bed)
        self.z = padded(np.where(known, ground.bed - self.datum, CLOSED), CLOSED, np.float64)
        for number, _, kind, side in ground.open_sides:
            continue_bed(number, kind, side.slope, self.z, ground.cell)
        water = padded(np.where(known & (depth > 0), depth, 0.0), 0.0, np.float64)
        self._now, self._mid, self._new = (
            (water if n == 0 else np.zeros_like(water), np.zeros_like(water), np.zeros_like(water))
            for n in range(3)
        )
        self.friction = friction_of(ground, np.float64)
        self.crests = crests_of(ground, self.datum, np.float64)
        tiles = len(self.tiling.full)
        self._lowest, self._fastest = np.zeros(tiles), np.zeros(tiles)
        self.highest = np.zeros(tiles)
        self.start()
        self._fastest[:] = np.sqrt(9.80665 * self.highest)

    @property
    def h(self) -> Array:  # type: ignore[override]
        """Depth with a rim."""
        return self._now[0]

    def longest(self, time: float) -> float:
        """See `Scheme`."""
        wave = max(float(self._fastest.max()), 2.0 * np.sqrt(9.80665 * self.edge_depth(time)))
        return float(min(LONGEST, COURANT * self.ground.cell / max(wave, 1e-9)))

    def advance(self, time: float, dt: float, rain: float) -> float:
        """See `Scheme`; a step that would take more than there is, is done again half as long."""
        self._rest_tiles(self.tiling.choose(everywhere=self.everywhere or rain > 0))
        while True:
            gain = rain * dt
            first = self._stage(self._now, self._mid, time, dt, gain, 0.0)
            numbers = self.tiling.numbers
            if first is not None:
                second = self._stage(self._mid, self._new, time + dt, dt, gain, 0.5)
                if second is not None:
                    break
            dt *= 0.5
            self.clipped += 1
        for name in first:
            self.account.cross(name, 0.5 * (first[name] + second[name]) * dt * self.ground.cell)
        self.account.rain += gain * self.open_cells * self.ground.cell**2
        self.account.made += float(np.maximum(-self._lowest[numbers], 0.0).sum()) * self.ground.cell**2
        self._now, self._new = self._new, self._now
        return dt

    def _stage(
        self, now: State, new: State, time: float, dt: float, gain: float, keep: float
    ) -> dict[str, float] | None:
        """One stage: outward discharge by side, or None if a cell gave more than it had."""
        tiling, cell, passed = self.tiling, self.ground.cell, {}
        sides = self.levels_at(time)
        for side, _, kind, value in sides:
            state_at_side(side, kind, value, *now, self.z, self.friction)
        for side, name, _, _ in sides:
            passed[name] = leaves(side, *now, self.z)
        self.crew.share(
            lambda some: advance(
                tiling.boxes[some], some, self._now, now, new, self.z, self.friction, dt, cell, gain, keep,
                self.crests, self.highest, self._lowest, self._fastest, tiling.wet,
            ),
            tiling.numbers,
            tiling.cells * 10,
        )  # fmt: skip
        lowest = self._lowest[tiling.numbers].min(initial=0.0)
        return passed if lowest >= _SHORT else None

    def _rest_tiles(self, left: NDArray[np.int64]) -> None:
        """Tiles that dried out are empty in all copies of the state."""
        for first, last, west, east in self.tiling.full[left]:
            for state in (self._now, self._mid, self._new):
                for each in state:
                    each[first:last, west:east] = 0.0
        self.highest[left] = self._fastest[left] = 0.0

    def pour(self, row: int, column: int, volume: float, push: tuple[float, float] = (0.0, 0.0)) -> float:
        """See `Scheme`; the momentum of the cell stays, that of the push is added."""
        at = row + PAD, column + PAD
        h, u, v = self._now
        before = h[at]
        h[at] = max(before + volume / self.ground.cell**2, 0.0)
        if h[at] > before:
            share = (h[at] - before) / h[at]
            for speed, brought in ((u, push[0]), (v, push[1])):
                speed[at] += share * (_entering(brought, float(speed[at]), float(h[at])) - speed[at])
        self.tiling.touch(row, column)
        tile = self.tiling.number(row, column)
        self.highest[tile] = max(self.highest[tile], h[at])
        self._fastest[tile] = max(self._fastest[tile], np.sqrt(9.80665 * h[at]) + max(abs(u[at]), abs(v[at])))
        return float(h[at] - before) * self.ground.cell**2

    def state(self) -> dict[str, NDArray]:  # type: ignore[type-arg]
        """See `Scheme`."""
        h, u, v = self._now
        return {"h": h, "u": u, "v": v, "fastest": self._fastest, **super().state()}

    def set_state(self, arrays: dict[str, NDArray]) -> None:  # type: ignore[type-arg]
        """See `Scheme`."""
        self._now = arrays["h"], arrays["u"], arrays["v"]
        self._fastest = arrays["fastest"]
        super().set_state(arrays)

    def remember(self, maxima: Maxima, wet: float, seconds: float, clock: float) -> None:
        """See `Scheme`."""
        self.crew.share(
            lambda some: remember_velocity(
                self.tiling.boxes[some], *self._now, np.float32(wet), np.float32(seconds), np.float32(clock),
                maxima.depth, maxima.speed, maxima.rating, maxima.arrival, maxima.duration,
            ),
            self.tiling.numbers,
            self.tiling.cells,
        )  # fmt: skip

    @property
    def _moved(self) -> tuple[Array, Array]:
        return self._now[1], self._now[2]

    def through(self, is_west: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
        """See `Scheme`."""
        found: Array = passing(is_west, rows + PAD, columns + PAD, self._now, self.z, self.crests)
        return found

    def velocity(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Array, Array]:
        """See `Scheme`."""
        _, u, v = self._now
        return u[rows + PAD, columns + PAD], v[rows + PAD, columns + PAD]


def _entering(push: float, speed: float, depth: float) -> float:
    """Velocity of water that enters through a side, so that it brings the momentum of an open end.

    The end is as deep as the cell, but at least critical: else shallow fast water would keep itself at a mild
    inflow. Beside water that moves away at `speed` the wall there pushes by h u √(g h) less than still water
    would, which is what HLLC makes of a mirror; an open end does not.
    """
    if push == 0.0:
        return 0.0
    inflow, along = abs(push), speed if push > 0.0 else -speed
    end = max(depth, float(np.cbrt(inflow * inflow / GRAVITY)))
    lacking = depth * max(along, 0.0) * float(np.sqrt(GRAVITY * depth))
    thrust = 0.5 * GRAVITY * (end * end - depth * depth) + lacking
    return float(np.copysign(inflow / end + thrust / inflow, push))
