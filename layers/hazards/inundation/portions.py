"""Work in portions that threads take in turn, without leaving their kernels.

One thread leads: it writes down what is to be done, offers it as a number of portions, takes of them like
the others, and waits until the last is done. Whoever attends takes what is offered. A thread that comes late,
on a busy machine, finds nothing left, and nobody has waited for it.

What they agree on stands on a board of whole numbers, read and written as one; each in a line of the cache of
its own.
"""

import ctypes
import sys
from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np import arrayobj
from numpy.typing import NDArray

Board = NDArray[np.int64]

_TICKETS, _DONE, _CLOSED, _SIZE = 0, 16, 32, 48
_HALF = 32  # bits: above them how many portions there are, below how many were taken
_LOW = (1 << _HALF) - 1
_SOON = 2000  # looks: what others have in hand is done in microseconds, or they wait for a core themselves
_YIELD = "riskatlas_yield"


def _system_yield() -> Any:
    if sys.platform == "win32":
        return ctypes.WinDLL("kernel32").SwitchToThread
    return ctypes.CDLL(None).sched_yield


llvmlite.binding.add_symbol(_YIELD, ctypes.cast(_system_yield(), ctypes.c_void_p).value)
give_way = types.ExternalFunction(_YIELD, types.int32())
"""Let other threads have the core, if any waits for one."""


def _address(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    return builder.gep(arrayobj.make_array(kind)(context, builder, array).data, [place])


@intrinsic  # type: ignore[untyped-decorator]
def _read(context: Any, board: Any, place: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_address(context, builder, signature.args[0], *arguments), "seq_cst", 8)

    return types.int64(board, types.int64), build


@intrinsic  # type: ignore[untyped-decorator]
def _write(context: Any, board: Any, place: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], address, "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(board, types.int64, types.int64), build


@intrinsic  # type: ignore[untyped-decorator]
def _count(context: Any, board: Any, place: Any) -> Any:
    """Add one; returns what stood there before."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature.args[0], *arguments)
        return builder.atomic_rmw("add", address, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(board, types.int64), build


def new_board() -> Board:
    """A board on which nothing is offered."""
    return np.zeros(_SIZE, np.int64)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def offer(board: Board, portions: int) -> None:
    """Let all who attend take these portions; what they need to know was written before."""
    _write(board, _DONE, 0)
    _write(board, _TICKETS, np.int64(portions) << _HALF)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def take(board: Board) -> Any:
    """The number of the next portion, which is the caller's; negative where none is left."""
    ticket = _read(board, _TICKETS)
    if ticket & _LOW < ticket >> _HALF:
        ticket = _count(board, _TICKETS)
        if ticket & _LOW < ticket >> _HALF:
            return ticket & _LOW
    return -1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def hand_in(board: Board) -> None:
    """Say that a portion is done."""
    _count(board, _DONE)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def await_all(board: Board, portions: int) -> None:
    """Return when all portions that were offered are done."""
    looks = 0
    while _read(board, _DONE) < portions:
        looks += 1
        if looks > _SOON:
            give_way()


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def close(board: Board) -> None:
    """Send all home who attend."""
    _write(board, _CLOSED, 1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def is_closed(board: Board) -> Any:
    """Whether nothing more will be offered."""
    return _read(board, _CLOSED) != 0
