"""The local-inertial scheme as a `Scheme`."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.hazards.inundation.courses import Courses, Drive
from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.faces import DEEPER, GRAVITY, SHALLOWER
from layers.hazards.inundation.forcing import Course, Inflow
from layers.hazards.inundation.leap import TOLD, attend, leap, orders_of
from layers.hazards.inundation.maxima import Maxima, critical_cells, remember_discharge
from layers.hazards.inundation.portions import close, new_board
from layers.hazards.inundation.scheme import Array, Ground, Scheme
from layers.hazards.inundation.steps import longest_step
from layers.hazards.inundation.tiles import CLOSED, PAD, TILE_COLUMNS, in_lines, padded

Array32 = NDArray[np.float32]
THETA = 0.9
_FEW = 12_000  # cells worked, for one thread: when there are more, others are called
_LOW = -1e9  # m: level of a crest where nothing stands


class Stage(NamedTuple):
    """How far a run is.

    Parameters
    ----------
    time : float
        s.
    steps, worked : int
        Steps done, and cells worked in them.
    remembered : float
        Up to when the maxima are, s.
    """

    time: float
    steps: int
    worked: int
    remembered: float


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
        self.z = in_lines(padded(bed, CLOSED, np.float32))
        level = np.where(known & (depth > 0), depth + bed, 0.0)  # the level holds, not the rounded depth
        water = np.where(level > 0, np.maximum(level - self.z[PAD:-PAD, PAD:-PAD], 0.0), 0.0)
        self.h = in_lines(padded(water, 0.0, np.float32))
        self.friction = friction_of(ground, np.float32)
        self.crests = crests_of(ground, self.datum, np.float32)
        self._q = [in_lines(np.zeros(self.h.shape, np.float32)) for _ in range(4)]
        tiles = len(self.tiling.full)
        self._outward = [np.zeros(n, np.float32) for n in np.repeat(ground.bed.shape, 2)]
        self._rest = in_lines(np.zeros((tiles + 1, TILE_COLUMNS), np.float32), 0)  # never of a single row
        self._lowest, self._fastest = np.zeros(tiles, np.float32), np.zeros(tiles, np.float32)
        self.start()

    def longest(self, time: float) -> float:
        """See `Scheme`."""
        deepest = max(float(self.highest.max()), self.edge_depth(time))
        return float(longest_step(deepest, float(self._fastest.max()), self.ground.cell))

    def advance(self, time: float, dt: float, rain: float) -> float:
        """See `Scheme`."""
        self._go(self._undriven, self._nothing, 0.0, Stage(time, 0, 0, time), time + dt, time, rain * dt)
        return dt

    def leap(
        self, drive: Drive, maxima: Maxima, wet: float, now: "Stage", until: float, pause: float
    ) -> "Stage":
        """Many steps at once, as `advance`, `pour` and `remember` would do them.

        Parameters
        ----------
        drive : Drive
        maxima, wet
            As in `remember`.
        now : Stage
        until, pause : float
            The mark that is never passed, and when to stop at the first step's end, s.

        Returns
        -------
        Stage
            How far the water is now.
        """
        return self._go(drive, maxima, wet, now, until, pause, -1.0)

    def _go(
        self,
        drive: Drive,
        maxima: Maxima,
        wet: float,
        now: "Stage",
        until: float,
        pause: float,
        fall: float,
    ) -> "Stage":
        """Let the crew do steps; see `leap.leap`."""
        tiling, crew, area = self.tiling, self.crew, float(self.ground.cell**2)
        shared = self._shared(maxima, wet)
        through = np.zeros((len(drive.sides), 2))
        told = np.array([*now, tiling.cells, self.due, 0, 0, 0, 0, 0, 0], np.float64)
        most = np.inf if crew.threads == 1 or crew.helpers(tiling.cells) else _FEW
        crew.together(
            lambda board, alone: leap(
                float(until), float(pause), float(most), alone, board, *shared, tiling.arrays, tiling.shape,
                self.everywhere, float(fall), self.open_cells * area, drive.tables, through, told,
            ),
            lambda board: bool(attend(board, *shared)),
            tiling.cells,
        )  # fmt: skip
        is_now = dict(zip(TOLD, told.tolist(), strict=True))
        if is_now["swapped"]:
            self._q = [*self._q[2:], *self._q[:2]]
        tiling.numbers, tiling.cells = np.flatnonzero(tiling.worked), int(is_now["cells"])
        self.clipped, self.due = self.clipped + int(is_now["clipped"]), is_now["due"]
        for name in ("rain", "inflow", "taken", "made"):
            setattr(self.account, name, getattr(self.account, name) + is_now[name])
        for name, (entered, left) in zip(drive.names, through, strict=True):
            self.account.cross(name, -float(entered))
            self.account.cross(name, float(left))
        return Stage(is_now["clock"], int(is_now["steps"]), int(is_now["worked"]), is_now["remembered"])

    def _shared(self, maxima: Maxima, wet: float) -> tuple[Array, NDArray[np.int64], tuple[Any, ...]]:
        """What all threads that work on a pass read and write: orders, numbers and field of `leap.leap`."""
        field = (
            self.h, self.z, self.friction, self.crests, self._rest, tuple(self._q),
            (self.highest, self._lowest, self._fastest), self.tiling.boxes, self.tiling.wet,
            tuple(self._outward),
            (maxima.depth, maxima.speed, maxima.rating, maxima.arrival, maxima.duration),
        )  # fmt: skip
        numbers = np.zeros(len(self.tiling.full), np.int64)
        return orders_of(self.ground.cell, float(self.theta), wet), numbers, field

    def attend_nothing(self) -> None:
        """Compile what threads do that attend."""
        board = new_board()
        close(board)
        attend(board, *self._shared(self._nothing, 0.0))

    @cached_property
    def _undriven(self) -> Drive:
        return self.drive((), (), None)

    @cached_property
    def _nothing(self) -> Maxima:
        return Maxima.none((PAD, PAD))

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
        qx, qy = self._q[:2]
        self.h[:], self._rest[:], self._fastest[:] = arrays["h"], arrays["rest"], arrays["fastest"]
        qx[:], qy[:] = arrays["qx"], arrays["qy"]
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
    west, north = (in_lines(np.full((rows, columns), _LOW, kind)) for _ in range(2))
    put_crests((west, north), ground.crests, datum)
    return west, north


def put_crests(targets: tuple[NDArray, NDArray], crests: tuple[Array, Array], datum: float) -> None:  # type: ignore[type-arg]
    """Write levels of faces into the arrays of `crests_of`."""
    for target, source in zip(targets, crests, strict=True):
        held = np.where(np.isnan(source), _LOW, source - datum)
        target[PAD : PAD + held.shape[0], PAD : PAD + held.shape[1]] = held
