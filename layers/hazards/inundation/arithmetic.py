"""Float32 as its bits: what is dear in floating point and cheap in whole numbers.

Products and comparisons of numbers have two of the four units that work on vectors; whole numbers have all.
Numbers that are not negative are ordered as their bits are, and stand above the bits of those that are.
All of this vectorises; `pow` would cost four times the rest of a face.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

FAST = {"contract", "nsz", "arcp", "nnan"}
_SIGN, _REST = np.int32(-0x80000000), np.int32(0x7FFFFFFF)


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
def larger(a: Any, b: Any) -> Any:
    """The larger of two float32, one of which is not negative."""
    return _number(max(_bits(a), _bits(b)))


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def smaller(a: Any, b: Any) -> Any:
    """The smaller of two float32, one of which is not negative."""
    return _number(min(_bits(a), _bits(b)))


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def size(a: Any) -> Any:
    """A float32 without its sign."""
    return _number(_bits(a) & _REST)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def with_sign(a: Any, b: Any) -> Any:
    """A float32 that is not negative, with the sign of another."""
    return _number(_bits(a) | (_bits(b) & _SIGN))


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def inverse_cube_root(x: Any) -> Any:
    """x^(-1/3) of a positive float32 to 2e-6, without division or root.

    The guess is right to 4 %; its factor (1 - e)^(-1/3), e = 1 - x guess³, is a polynomial: Chebyshev's for
    |e| < 0.1022.
    """
    guess = _number(np.int32(np.int32(0x54A1F800) - np.int32(np.float32(_bits(x)) * np.float32(1 / 3))))
    e = np.float32(1) - x * (guess * guess * guess)
    factor = np.float32(0.33332945) + e * (np.float32(0.2237338) + e * np.float32(0.17440316))
    return guess * (np.float32(0.99999803) + e * factor)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def inverse_cube_root_64(x: float) -> float:
    """x^(-1/3) of a positive float64 within the range of float32, to 1e-12: Halley's step."""
    guess = np.float64(inverse_cube_root(np.float32(x)))
    e = 1.0 - x * guess * guess * guess
    return guess * (1.0 + e * (1.0 / 3.0 + e * (2.0 / 9.0)))
