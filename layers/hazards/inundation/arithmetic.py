"""Powers of depth without `pow`: a guess from the bits of the exponent, and a step that mends it.

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
def inverse_sixth_root(x: np.float32) -> np.float32:
    """x^(-1/6) of a positive float32 to 8e-7, without division or root.

    The guess is right to 3 %; its factor (1 - e)^(-1/6), e = 1 - x guess⁶, is a polynomial: Chebyshev's for
    -0.195 < e < 0.168.
    """
    guess = _number(np.int32(np.int32(0x4A0E2965) - np.int32(np.float32(_bits(x)) * np.float32(1 / 6))))
    square = guess * guess
    e = np.float32(1) - x * (square * square * square)
    factor = np.float32(0.0720442) + e * np.float32(0.05415708)
    factor = np.float32(0.1666522) + e * (np.float32(0.09728289) + e * factor)
    found: np.float32 = guess * (np.float32(0.9999998) + e * factor)
    return found


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def inverse_cube_root_64(x: float) -> float:
    """x^(-1/3) of a positive float64 within the range of float32, to 1e-12: Halley's step."""
    root = np.float64(inverse_sixth_root(np.float32(x)))
    guess = root * root
    e = 1.0 - x * guess * guess * guess
    return guess * (1.0 + e * (1.0 / 3.0 + e * (2.0 / 9.0)))


# The rows of a kernel never overlap, but numba cannot say so: LLVM has to prove it at run time, and gives up
# after eight pairs of rows unless told that more are worth it.
llvm.set_option("riskatlas", "-runtime-memory-check-threshold=128")
