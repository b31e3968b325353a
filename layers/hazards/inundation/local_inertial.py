"""The local-inertial scheme as a `Scheme`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.faces import DEEPER, GRAVITY, SHALLOWER
from layers.hazards.inundation.forcing import Course, Inflow
from layers.hazards.inundation.inertial import join, move, repay
from layers.hazards.inundation.leap import Courses, Drive, leap
from layers.hazards.inundation.maxima import Maxima, critical_cells, remember_discharge
from layers.hazards.inundation.scheme import Array, Ground, Scheme
from layers.hazards.inundation.sides import flow_at_side, leaves
from layers.hazards.inundation.steps import longest_step
from layers.hazards.inundation.tiles import CLOSED, PAD, TILE_COLUMNS, padded, rest_tiles

Array32 = NDArray[np.float32]
THETA = 0.9
WEST, EAST, NORTH, SOUTH = range(4)
SEAMS = 24  # of so many cells worked, one lies on a seam of the tiles
_LOW = -1e9  # m: level of a crest where nothing stands


class LocalInertial(Scheme):
    """Slow flow over the plain: all of the momentum equation but its advection; float32 with float64 sums.

    Parameters
    ----------
    ground : Ground
    depth : ndarray of float64, shape (rows, columns)
    crew : Crew
    theta : float
        Weight of a face's own discharge against its neighbours' (de Almeida et al. 2012, eq. 10).
    """

    def __init__(self, ground: Ground, depth: Array, crew: Crew, theta: float = THETA) -> None:
        super().__init__(ground, crew)
        self.theta = np.float32(theta)
        known = np.isfinite(ground.bed)
        bed = np.where(known, ground.bed - self.datum, CLOSED)
        self.z = padded(bed, CLOSED, np.float32)
        level = np.where(known & (depth > 0), depth + bed, 0.0)  # the level holds, not the rounded depth
        water = np.where(level > 0, np.maximum(level - self.z[PAD:-PAD, PAD:-PAD], 0.0), 0.0)
        self.h = padded(water, 0.0, np.float32)
        self.friction = friction_of(ground, np.float32)
        self.crests = crests_of(ground, self.datum, np.float32)
        self._q = [np.zeros(self.h.shape, np.float32) for _ in range(4)]
        tiles = len(self.tiling.full)
        self._outward = [np.zeros(n, np.float32) for n in np.repeat(ground.bed.shape, 2)]
        self._rest = np.zeros((tiles, TILE_COLUMNS), np.float32)
        self._lowest, self._fastest = np.zeros(tiles, np.float32), np.zeros(tiles, np.float32)
        self.start()

    def longest(self, time: float) -> float:
        """See `Scheme`."""
        deepest = max(float(self.highest.max()), self.edge_depth(time))
        return float(longest_step(deepest, float(self._fastest.max()), self.ground.cell))

    def advance(self, time: float, dt: float, rain: float) -> float:
        """See `Scheme`."""
        self._rest_tiles(self.tiling.choose(everywhere=self.everywhere or rain > 0))
        tiling, step, cell = self.tiling, np.float32(dt), np.float32(self.ground.cell)
        gain, ratio = np.float32(self._rain_step(rain * dt)), step / cell
        qx, qy, new_x, new_y = self._q
        sides = self.levels_at(time + 0.5 * dt)
        for side, _, kind, value in sides:
            flow_at_side(
                side, kind, value, self.h, self.z, self.friction, qx, qy, dt, self.ground.cell,
                self._outward[side],
            )  # fmt: skip
            if side == EAST:
                new_x[PAD:-PAD, -PAD] = self._outward[EAST]
            elif side == SOUTH:
                new_y[-PAD, PAD:-PAD] = self._outward[SOUTH]
        self.crew.share(
            lambda some: move(
                tiling.boxes[some], some, self.h, self.z, self.friction, qx, qy, new_x, new_y, self._rest,
                step, cell, gain, self.theta, self.crests, self._outward[WEST], self._outward[NORTH],
                self.highest, self._lowest, self._fastest, tiling.wet,
            ),
            tiling.numbers,
            tiling.cells,
        )  # fmt: skip
        self._q = [new_x, new_y, qx, qy]
        self.crew.share(
            lambda some: join(
                tiling.boxes[some], some, self.h, self.z, new_x, new_y, self._rest, ratio, gain,
                self.highest, self._lowest, tiling.wet,
            ),
            tiling.numbers,
            tiling.cells // SEAMS,
        )  # fmt: skip
        self._put_right(float(ratio))
        for side, name, _, _ in sides:
            self.account.cross(name, leaves(side, new_x, new_y) * dt * self.ground.cell)
        return dt

    def leap(
        self, drive: Drive, maxima: Maxima, wet: float, time: float, until: float, pause: float
    ) -> tuple[float, int, int]:
        """Many steps at once, as `advance`, `pour` and `remember` would do them, by one thread.

        Parameters
        ----------
        drive : Drive
        maxima, wet
            As in `remember`.
        time, until, pause : float
            Now, the mark that is never passed, and when to stop at the first step's end, s.

        Returns
        -------
        time, steps, worked : float, int, int
            Where the water is now; steps done; cells worked in them.
        """
        tiling, account = self.tiling, self.account
        told = np.array([time, 0, 0, tiling.cells, 0, self.due, 0, 0, 0, 0], np.float64)
        through = np.zeros((len(drive.sides), 2))
        swapped = leap(
            float(until), float(pause), float(self.ground.cell), self.theta, (self.z, self.friction),
            self.crests, self.h, self._rest,
            tuple(self._q), (self.highest, self._lowest, self._fastest),
            (tiling.boxes, tiling.full, tiling.wet, tiling.always, tiling.worked), tiling.shape,
            tuple(self._outward), drive.sides, drive.lowest_beds, through, drive.inflows, drive.fallen,
            self.open_cells * self.ground.cell**2, drive.courses.table, np.float32(wet),
            (maxima.depth, maxima.speed, maxima.rating, maxima.arrival, maxima.duration), told,
        )  # fmt: skip
        if swapped:
            self._q = [*self._q[2:], *self._q[:2]]
        tiling.numbers = np.flatnonzero(tiling.worked)
        now, steps, worked, cells, rain, self.due, inflow, taken, made, clipped = told.tolist()
        tiling.cells, self.clipped = int(cells), self.clipped + int(clipped)
        account.rain += rain
        account.inflow += inflow
        account.taken += taken
        account.made += made
        for name, (entered, left) in zip(drive.names, through, strict=True):
            account.cross(name, -float(entered))
            account.cross(name, float(left))
        return now, int(steps), int(worked)

    def drive(
        self, inflows: Sequence[Inflow], places: Sequence[tuple[int, int]], fallen: Course | None
    ) -> Drive:
        """What drives the water, as `leap` reads it."""
        sides = [(n, kind, side) for n, _, kind, side in self.ground.open_sides]
        levels = [
            Course(np.zeros(1), np.array([side.slope]))
            if side.level is None
            else Course(side.level.times, side.level.values - self.datum)
            for _, _, side in sides
        ]
        courses = [*(each.discharge for each in inflows), *levels, *([fallen] if fallen else [])]
        first = len(inflows)
        number = [self.tiling.number(*place) for place in places]
        return Drive(
            Courses.of(courses or [Course(np.zeros(1), np.zeros(1))]),
            np.array([(*place, k, number[k]) for k, place in enumerate(places)], np.int64).reshape(-1, 4),
            np.array([(n, kind, first + k) for k, (n, kind, _) in enumerate(sides)], np.int64).reshape(-1, 3),
            np.array([np.min(self._edge(n)) if s.kind == "level" else np.inf for n, _, s in sides], float),
            len(courses) - 1 if fallen else -1,
            tuple(name for _, name, _, _ in self.ground.open_sides),
        )

    def _put_right(self, ratio: float) -> None:
        numbers = self.tiling.numbers
        short = numbers[self._lowest[numbers] < 0]
        if len(short):
            cells, made = repay(self.tiling.boxes[short], self.h, self.z, self._q[0], self._q[1], ratio)
            self.clipped += cells
            self.account.made += made * self.ground.cell**2

    def _rest_tiles(self, left: NDArray[np.int64]) -> None:
        """Tiles that dried out: their faces stand still in both buffers."""
        for each in self._q:
            rest_tiles(each, self.tiling.full, left)
        self.highest[left] = self._fastest[left] = 0.0

    def pour(self, row: int, column: int, volume: float, push: tuple[float, float] = (0.0, 0.0)) -> float:
        """See `Scheme`; counts what float32 really added. This scheme has no use for the push."""
        at = row + PAD, column + PAD
        before = self.h[at]
        self.h[at] = max(before + np.float32(volume / self.ground.cell**2), np.float32(0))
        self._note(row, column, float(self.h[at]))
        return (float(self.h[at]) - float(before)) * self.ground.cell**2

    def _note(self, row: int, column: int, depth: float) -> None:
        self.tiling.touch(row, column)
        tile = self.tiling.number(row, column)
        self.highest[tile] = max(float(self.highest[tile]), depth)

    def state(self) -> dict[str, NDArray]:  # type: ignore[type-arg]
        """See `Scheme`."""
        qx, qy = self._q[:2]
        own = {"h": self.h, "qx": qx, "qy": qy, "rest": self._rest, "fastest": self._fastest}
        return {**own, **super().state()}

    def set_state(self, arrays: dict[str, NDArray]) -> None:  # type: ignore[type-arg]
        """See `Scheme`."""
        self.h, self._rest = arrays["h"], arrays["rest"]
        self._q[:2], self._fastest = [arrays["qx"], arrays["qy"]], arrays["fastest"]
        super().set_state(arrays)

    def remember(self, maxima: Maxima, wet: float, seconds: float, clock: float) -> None:
        """See `Scheme`."""
        qx, qy = self._q[:2]
        self.crew.share(
            lambda some: remember_discharge(
                self.tiling.boxes[some], self.h, self.z, qx, qy,
                np.float32(wet), np.float32(seconds), np.float32(clock),
                maxima.depth, maxima.speed, maxima.rating, maxima.arrival, maxima.duration,
            ),
            self.tiling.numbers,
            self.tiling.cells,
        )  # fmt: skip

    def held(self, wet: float) -> tuple[int, int]:
        """See `Scheme`: flow is held at the critical."""
        qx, qy = self._q[:2]
        parts: list[tuple[int, int]] = []
        self.crew.share(
            lambda some: parts.append(
                critical_cells(self.tiling.boxes[some], self.h, self.z, qx, qy, np.float32(wet))
            ),
            self.tiling.numbers,
            self.tiling.cells,
        )
        return sum(waters for waters, _ in parts), sum(held for _, held in parts)

    def through(self, is_west: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
        """See `Scheme`."""
        qx, qy = self._q[:2]
        at = rows + PAD, columns + PAD
        return np.where(is_west, qx[at], qy[at]).astype(np.float64)

    def velocity(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Array, Array]:
        """See `Scheme`: the mean of the velocities through opposite faces."""
        i, j = rows + PAD, columns + PAD
        along = 0.5 * (self._through(0, i, j, 0, 1) + self._through(0, i, j + 1, 0, 1))
        across = 0.5 * (self._through(1, i, j, 1, 0) + self._through(1, i + 1, j, 1, 0))
        return along, across

    def _through(self, which: int, i: NDArray[np.intp], j: NDArray[np.intp], down: int, right: int) -> Array:
        near, far = self.h[i - down, j - right].astype(np.float64), self.h[i, j].astype(np.float64)
        bed, beyond = self.z[i - down, j - right].astype(np.float64), self.z[i, j].astype(np.float64)
        depth = np.maximum(near + bed, far + beyond) - np.maximum(bed, beyond)
        lower = np.where(near + bed > far + beyond, far, near)
        lower = np.minimum(lower, 2.0 * depth) - depth
        depth += np.minimum(float(SHALLOWER) * lower, float(DEEPER) * lower)
        depth = np.where(beyond > CLOSED / 10, near, np.where(bed > CLOSED / 10, far, depth))
        deep = np.maximum(depth, 1e-5)
        cap = np.sqrt(float(GRAVITY) * deep)
        velocity: Array = np.clip(self._q[which][i, j] / deep, -cap, cap)
        return velocity


def friction_of(ground: Ground, kind: type) -> NDArray:  # type: ignore[type-arg]
    """n² with a rim; a single row if it is the same everywhere."""
    if isinstance(ground.manning, float):
        return np.full((1, ground.bed.shape[1] + 2 * PAD), ground.manning**2, kind)
    squared = np.nan_to_num(ground.manning) ** 2
    return np.pad(squared, PAD, mode="edge").astype(kind)


def crests_of(ground: Ground, datum: float, kind: type) -> tuple[NDArray, NDArray] | None:  # type: ignore[type-arg]
    """Levels of west and north faces above `datum`, in arrays with a rim; None if nothing stands."""
    if ground.crests is None:
        return None
    rows, columns = (n + 2 * PAD for n in ground.bed.shape)
    west, north = np.full((rows, columns), _LOW, kind), np.full((rows, columns), _LOW, kind)
    put_crests((west, north), ground.crests, datum)
    return west, north


def put_crests(targets: tuple[NDArray, NDArray], crests: tuple[Array, Array], datum: float) -> None:  # type: ignore[type-arg]
    """Write levels of faces into the arrays of `crests_of`."""
    for target, source in zip(targets, crests, strict=True):
        held = np.where(np.isnan(source), _LOW, source - datum)
        target[PAD : PAD + held.shape[0], PAD : PAD + held.shape[1]] = held
