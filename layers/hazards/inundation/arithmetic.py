"""Powers of depth without `pow`: a guess from the bits of the exponent and a few Newton steps.

Both functions vectorise; `pow` would cost four times the rest of a face.
"""

from typing import Any

import numpy as np
from llvmlite import binding as llvm
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

FAST = {"contract", "nsz", "arcp", "nnan"}


@intrinsic  # type: ignore[untyped-decorator]
def _bits(context: Any, number: Any) -> Any:
    """The bits of a float32 as an int32."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), build


@intrinsic  # type: ignore[untyped-decorator]
def _number(context: Any, bits: Any) -> Any:
    """The float32 with these bits."""

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), build


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def inverse_cube_root(x: np.float32) -> np.float32:
    """x^(-1/3) of a positive float32 to 3e-7, without division."""
    guess = _number(np.int32(np.int32(0x54A2FA8C) - np.int32(np.float32(_bits(x)) * np.float32(1 / 3))))
    third, x3 = np.float32(4 / 3), x * np.float32(1 / 3)
    guess = guess * (third - x3 * guess * guess * guess)
    guess = guess * (third - x3 * guess * guess * guess)
    found: np.float32 = guess * (third - x3 * guess * guess * guess)
    return found


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def inverse_cube_root_64(x: float) -> float:
    """x^(-1/3) of a positive float64 within the range of float32, to 1e-12."""
    guess = np.float64(inverse_cube_root(np.float32(x)))
    return guess * (4.0 / 3.0 - x * guess * guess * guess / 3.0)


# The rows of a kernel never overlap, but numba cannot say so: LLVM has to prove it at run time, and gives up
# after eight pairs of rows unless told that more are worth it.
llvm.set_option("riskatlas", "-runtime-memory-check-threshold=128")
