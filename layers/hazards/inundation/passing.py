"""What passes single faces in the shallow-water scheme: as in its steps, for sections."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.shallow import Array, Crests, State
from layers.hazards.inundation.shallow_faces import face

_NOTHING = -1e8  # m: level of a crest where nothing stands


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def passing(
    is_west: NDArray[np.bool_],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    now: State,
    z: Array,
    crests: Crests | None,
) -> Any:
    """Discharge through west and north faces, eastward and southward, m²/s.

    Parameters
    ----------
    is_west : ndarray of bool, shape (n,)
        West face of its cell, else north face.
    rows, columns : ndarray of intp, shape (n,)
        Of the cells, counted with the rim.
    now : tuple of three ndarrays of float64, shape (rows + 4, columns + 4)
        h, u, v.
    z : ndarray of float64, shape (rows + 4, columns + 4)
        Bed; above 1e8 closed.
    crests : tuple of two ndarrays of float64, or None
        Levels of what stands on west and north faces.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    h, u, v = now
    found = np.empty(len(rows))
    for k in range(len(rows)):
        i, j = rows[k], columns[k]
        down, right = (0, 1) if is_west[k] else (1, 0)
        along, across = (u, v) if is_west[k] else (v, u)
        a, b, c, d, e, f = i - 2 * down, j - 2 * right, i - down, j - right, i + down, j + right
        before = here = after = _NOTHING
        if crests is not None:
            levels = crests[0] if is_west[k] else crests[1]
            before, here, after = levels[c, d], levels[i, j], levels[e, f]
        found[k] = face(
            h[a, b], z[a, b], along[a, b], across[a, b], h[c, d], z[c, d], along[c, d], across[c, d],
            h[i, j], z[i, j], along[i, j], across[i, j], h[e, f], z[e, f], along[e, f], across[e, f],
            before, here, after,
        )[0]  # fmt: skip
    return found
