"""Doors: kernels kept as object code, called without numba.

A door is a function ``int64 door(words)``: it reads its arguments from words of eight bytes, and writes its
result into those behind them. A number is a word, a tuple its members, an array the address of its
``__array_struct__`` (NumPy's array interface), from which the door itself reads shape and data.
"""

import ctypes
import json
import os
import struct
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Kind: TypeAlias = Hashable
"""Of an argument: "d", "q" or "?" of a number, a tuple of its members', or dtype, dimensions and flags."""

FITS = 0x001 | 0x100 | 0x400
"""The flags of NumPy that count: in C order, aligned, writable."""
READ_ONLY = 0x001 | 0x100
_SCALARS: dict[type, str] = {float: "d", np.float64: "d", int: "q", np.int64: "q", bool: "?", np.bool_: "?"}
_CODES = {"d": "d", "q": "q", "?": "?7x"}
_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)
_Function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_char_p)


def kind(value: Any) -> Kind:
    """What a kernel is compiled for: the same of values that the same code takes; ``None``: no code does."""
    sort = type(value)
    if sort is np.ndarray:
        return value.dtype, value.ndim, value.flags.num & FITS
    if sort is tuple:
        return tuple(map(kind, value))
    return _SCALARS.get(sort)


def is_array(of: Kind) -> bool:
    """Whether a kind is that of an array."""
    return isinstance(of, tuple) and len(of) > 0 and isinstance(of[0], np.dtype)


def words_of(of: Kind) -> str:
    """The words of an argument, as the codes of `struct`."""
    if is_array(of):
        return "Q"
    return "".join(map(words_of, of)) if isinstance(of, tuple) else _CODES[str(of)]


@dataclass(frozen=True)
class Signature:
    """What a door is called, takes and returns.

    Parameters
    ----------
    symbol : str
        Its name in the object code.
    kinds : tuple of Kind
        Of its arguments.
    result : str
        The words of the result, as the codes of `struct`; empty if there is none.
    """

    symbol: str
    kinds: tuple[Kind, ...]
    result: str


class Door:
    """Object code of a kernel for arguments of certain kinds.

    Parameters
    ----------
    address : int
        Of the function.
    signature : Signature
    """

    def __init__(self, address: int, signature: Signature) -> None:
        self._run = _Function(address)
        self._arrays = [is_array(of) for of in signature.kinds]
        self._words = struct.Struct("".join(map(words_of, signature.kinds)))
        self._result = struct.Struct(signature.result)

    def __call__(self, arguments: Sequence[Any]) -> Any:
        """Run it, without the interpreter's lock, on arguments of its kinds.

        Raises
        ------
        RuntimeError
            The kernel says that it failed: one that can is never kept.
        """
        told: list[Any] = []
        words: list[Any] = []
        for value, is_an_array in zip(arguments, self._arrays, strict=True):
            if is_an_array:
                told.append(value.__array_struct__)  # lives as long as it is read
                words.append(_pointer(told[-1], None))
            elif type(value) is tuple:
                words += value
            else:
                words.append(value)
        room = ctypes.create_string_buffer(self._words.size + max(self._result.size, 8))
        self._words.pack_into(room, 0, *words)
        status = self._run(room)
        if status:
            raise RuntimeError(f"a kernel failed: {status}")
        found = self._result.unpack_from(room, self._words.size)
        return found if len(found) > 1 else found[0] if found else None


class Doors:
    """All doors of a kernel.

    Parameters
    ----------
    doors : dict
        By the kinds of their arguments.
    otherwise : callable
        Gives what is called with arguments of other kinds.
    """

    def __init__(self, doors: dict[Kind, Door], otherwise: Callable[[], Callable[..., Any]]) -> None:
        self._doors, self._otherwise = doors, otherwise

    def __call__(self, *arguments: Any) -> Any:
        """Run the kernel."""
        door = self._doors.get(tuple(map(kind, arguments)))
        return self._otherwise()(*arguments) if door is None else door(arguments)


def write(path: Path, code: bytes, needs: Sequence[str], doors: Sequence[Signature]) -> None:
    """Keep object code, whole or not at all.

    Parameters
    ----------
    path : Path
    code : bytes
        An object file.
    needs : sequence of str
        The functions of the C library that it may call.
    doors : sequence of Signature
        All that are in it.
    """
    listed = [(each.symbol, _plain(each.kinds), each.result) for each in doors]
    body = json.dumps({"needs": list(needs), "doors": listed}).encode() + b"\n" + code
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(sha256(body).digest() + body)
    fresh.replace(path)


def read(path: Path) -> dict[Kind, Door] | None:
    """Load the doors that lie in a file; ``None`` if it is not there, is torn, or cannot be run here."""
    from layers.kernels import machine

    with suppress(OSError):
        kept = path.read_bytes()
        digest, body = kept[:32], kept[32:]
        if sha256(body).digest() != digest:
            return None
        head, code = body.split(b"\n", 1)
        listed = json.loads(head)
        if not all(map(machine.has_symbol, listed["needs"])):
            return None
        doors = [Signature(symbol, _kind(kinds), result) for symbol, kinds, result in listed["doors"]]
        places = machine.loaded(code, [each.symbol for each in doors])
        return {each.kinds: Door(place, each) for place, each in zip(places, doors, strict=True)}
    return None


def _plain(of: Kind) -> Any:
    """A kind as JSON knows it."""
    if isinstance(of, tuple):
        return [of[0].str, *of[1:]] if is_array(of) else {"members": [_plain(each) for each in of]}
    return of


def _kind(plain: Any) -> Any:
    """The kind that was written so."""
    if isinstance(plain, list):
        return np.dtype(plain[0]), *plain[1:]
    return tuple(map(_kind, plain["members"])) if isinstance(plain, dict) else plain
