"""How long a step may be."""

from typing import Any

import numpy as np
from numba import njit

LONGEST = 10.0  # s: no step is longer, however shallow the water
COURANT, SWIFT = 0.66, 0.4  # cells that gravity's waves, and the water, may run in a local-inertial step
_GRAVITY = 9.80665
_BUDS = 0.1  # m: how much an inflow may raise a dry cell in a step


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def longest_step(deepest: float, fastest: float, cell: float) -> Any:
    """The longest stable step of the local-inertial scheme (see `faces`), s.

    Parameters
    ----------
    deepest, fastest, cell : float
        Greatest depth, m; greatest velocity through a face, m/s; m.
    """
    wave = np.sqrt(_GRAVITY * deepest)
    return min(LONGEST, cell / max(wave / COURANT, fastest / SWIFT, 1e-9))


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def raising_step(depth: float, discharge: float, cell: float) -> float:
    """The longest step in which an inflow does not raise its cell too much, s.

    Parameters
    ----------
    depth, discharge, cell : float
        m; m³/s; m.
    """
    return (_BUDS + 0.5 * depth) * cell**2 / max(discharge, 1e-9)
