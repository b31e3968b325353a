"""The same problems as mixed-integer programmes for HiGHS: for budgets, covers and single sources.

HiGHS works in its own threads and is asked to stop through its callbacks, so that a limit is kept and a
cancelled work ends at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import highspy
import numpy as np
from highspy.highs import HighsCallbackEvent

from layers.grid import Array
from layers.late import Late
from layers.siting.arcs import Index
from layers.siting.clock import Clock

sparse = Late("scipy.sparse")
_INFINITE = highspy.kHighsInf
_GAP = 4e-7
LOOK = 0.5
"""It stops if less time is left than this share of the longest time between two of its looks at the clock."""


@dataclass(eq=False)
class Model:
    """Columns and rows of a programme that is to be minimised, added block by block."""

    cost: list[Array] = field(default_factory=list)
    upper: list[Array] = field(default_factory=list)
    whole: list[Array] = field(default_factory=list)
    width: int = 0
    cells: list[tuple[Index, Index, Array]] = field(default_factory=list)
    limits: list[tuple[Array, Array]] = field(default_factory=list)
    height: int = 0

    def columns(self, cost: Array, upper: Array, *, whole: bool) -> Index:
        """New columns between 0 and `upper`; their numbers."""
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(np.full(len(cost), whole))
        self.width += len(cost)
        return np.arange(self.width - len(cost), self.width)

    def rows(self, low: Array, high: Array, *blocks: tuple[Index, Index, Array]) -> Index:
        """New rows between `low` and `high`; a block is (row within the new ones, column, coefficient)."""
        for row, column, value in blocks:
            self.cells.append((row + self.height, column, value))
        self.limits.append((low, high))
        self.height += len(low)
        return np.arange(self.height - len(low), self.height)

    def row(self, low: float, high: float, column: Index, value: Array) -> None:
        """One new row."""
        self.rows(np.array([low]), np.array([high]), (np.zeros(len(column), np.int64), column, value))


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found: columns (or none), their cost, and a bound.

    Of a relaxed model, the reduced costs of the columns and the prices of the rows too.
    """

    values: Array | None
    cost: float
    bound: float
    infeasible: bool
    reduced: Array
    dual: Array


def _nothing() -> Answer:
    """There was no time."""
    return Answer(None, np.inf, -np.inf, infeasible=False, reduced=np.zeros(0), dual=np.zeros(0))


class _Silent(highspy.Highs):
    """HiGHS that prints nothing, not even its name when it is made."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def minimise(
    model: Model,
    clock: Clock,
    *,
    hint: Array | None = None,
    target: float = -np.inf,
) -> Answer:
    """Solve a programme within the time that is left.

    Parameters
    ----------
    model : Model
    clock : Clock
    hint : ndarray of float64, optional
        A feasible point to start from.
    target : float
        Stop as soon as something at most this dear is found.
    """
    if clock.is_over():
        return _nothing()
    options = {"mip_rel_gap": max(_GAP, clock.gap), "mip_abs_gap": 1e-9, "mip_feasibility_tolerance": 1e-7}
    if np.isfinite(target):
        options["objective_target"] = target
    highs = _highs(options)
    highs.passModel(_highs_model(model, relaxed=False))
    if hint is not None:
        highs.setSolution(len(hint), np.arange(len(hint), dtype=np.int32), hint)
    return _run(highs, clock)


class Relaxed:
    """A programme whose whole columns may take any value, solved again and again as rows are added.

    Parameters
    ----------
    model : Model
    """

    def __init__(self, model: Model) -> None:
        self._highs = _highs({})
        self._highs.passModel(_highs_model(model, relaxed=True))

    def row(self, low: float, column: Index, value: Array) -> None:
        """One more row of at least `low`."""
        self._highs.addRow(low, _INFINITE, len(column), column.astype(np.int32), value)

    def minimised(self, clock: Clock) -> Answer:
        """The least cost with the rows so far; no columns if the time did not suffice to find it."""
        if clock.is_over():
            return _nothing()
        answer = _run(self._highs, clock)
        is_least = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return answer if is_least else replace(answer, values=None, cost=np.inf, bound=-np.inf)


def _highs(options: dict[str, float]) -> _Silent:
    highs = _Silent()
    usual = {"output_flag": False, "threads": 1, "primal_feasibility_tolerance": 1e-8}
    for name, value in (usual | options).items():
        highs.setOptionValue(name, value)
    return highs


def _run(highs: _Silent, clock: Clock) -> Answer:
    """Within the time that is left; HiGHS counts the time of all its runs."""
    highs.setOptionValue("time_limit", highs.getRunTime() + max(clock.left, 0.01))
    raised: list[BaseException] = []
    listener = _listener(clock, raised)
    highs.cbMipInterrupt += listener
    highs.cbSimplexInterrupt += listener
    highs.run()
    highs.cbMipInterrupt -= listener
    highs.cbSimplexInterrupt -= listener
    if raised:
        raise raised[0]
    return _answer(highs)


def _highs_model(model: Model, relaxed: bool) -> highspy.HighsLp:
    row, column, value = (np.concatenate(parts) for parts in zip(*model.cells, strict=True))
    matrix = sparse.coo_matrix((value, (row, column)), shape=(model.height, model.width)).tocsr()
    found = highspy.HighsLp()
    found.num_col_, found.num_row_ = model.width, model.height
    found.col_cost_ = np.concatenate(model.cost)
    found.col_lower_, found.col_upper_ = np.zeros(model.width), np.concatenate(model.upper)
    found.row_lower_ = np.concatenate([low for low, _ in model.limits])
    found.row_upper_ = np.concatenate([high for _, high in model.limits])
    found.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    found.a_matrix_.start_, found.a_matrix_.index_ = matrix.indptr, matrix.indices
    found.a_matrix_.value_ = matrix.data
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        found.integrality_ = [kinds[int(whole)] for whole in np.concatenate(model.whole)]
    return found


def _listener(clock: Clock, raised: list[BaseException]) -> Callable[[HighsCallbackEvent], None]:
    """Stops HiGHS when time is up, or when it would be before HiGHS looks again."""
    before, longest = clock.left, 0.0

    def listen(event: HighsCallbackEvent) -> None:
        nonlocal before, longest
        if event.data_in is None:
            return
        longest, before = max(longest, before - clock.left), clock.left
        if raised or _is_over(clock, raised) or before < LOOK * longest:
            event.data_in.user_interrupt = True

    return listen


def _is_over(clock: Clock, raised: list[BaseException]) -> bool:
    """What the listener raises must not pass through HiGHS: it is kept until that has stopped."""
    try:
        return clock.is_over()
    except BaseException as error:
        raised.append(error)
        return True


def _answer(highs: highspy.Highs) -> Answer:
    status, facts = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, np.inf, np.inf, infeasible=True, reduced=np.zeros(0), dual=np.zeros(0))
    solved = facts.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    cost = float(facts.objective_function_value) if solved else np.inf
    bound = float(facts.mip_dual_bound)
    if status == highspy.HighsModelStatus.kOptimal and not np.isfinite(bound):
        bound = cost
    found = highs.getSolution()
    values = np.asarray(found.col_value) if solved else None
    proven = bound if abs(bound) < _INFINITE else -np.inf
    reduced, dual = np.asarray(found.col_dual), np.asarray(found.row_dual)
    return Answer(values, cost, proven, infeasible=False, reduced=reduced, dual=dual)
