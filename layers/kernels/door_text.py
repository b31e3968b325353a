"""What a door does, in LLVM's language: it reads its words and calls numba's function.

Numba's function is given the place of its result, that of an error, and its arguments one by one: a number as
it is, a tuple as its members, an array as who counts its users, whose it is, how many items it has, of how
many bytes, its data, its shape and its strides.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from layers.kernels.door import Kind, Signature, is_array

SHAPE, DATA = 24, 40
"""Where NumPy's array interface holds the addresses of shape and data, of 64 bits."""


def door_text(door: Signature, entry: str, taken: Sequence[str]) -> str:
    """The module of a door.

    Parameters
    ----------
    door : Signature
    entry : str
        Name of numba's function.
    taken : sequence of str
        The types of LLVM that numba's function takes.

    Returns
    -------
    str
        Empty if arguments of these kinds are not what it takes.
    """
    words = _Words()
    for each in door.kinds:
        words.add(each)
    result = words.put(f"getelementptr i64, ptr %words, i64 {words.count}")
    given = [("ptr", result), ("ptr", "%error"), *words.given]
    if [sort for sort, _ in given] != list(taken):
        return ""
    return f"""
    declare i32 @"{entry}"({", ".join(taken)})
    define i64 @"{door.symbol}"(ptr %words) {{
      %error = alloca ptr
      store ptr null, ptr %error
      {" ".join(f"{line}{chr(10)}" for line in words.lines)}
      %status = call i32 @"{entry}"({", ".join(f"{sort} {value}" for sort, value in given)})
      %told = sext i32 %status to i64
      ret i64 %told
    }}"""


class _Words:
    """Reads arguments from words: the lines that do it, and what is given to numba's function for them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.given: list[tuple[str, str]] = []
        self.count = 0

    def add(self, of: Kind) -> None:
        """Read an argument of this kind from the next words."""
        if is_array(of):
            self._add_array(*of)  # type: ignore[misc]
        elif isinstance(of, tuple):
            for each in of:
                self.add(each)
        else:
            sort = {"d": "double", "q": "i64", "?": "i8"}[str(of)]
            self.given.append((sort, self._word(sort)))

    def put(self, made: str) -> str:
        """Add a line; returns the name of what it makes."""
        self.lines.append(f"%v{len(self.lines)} = {made}")
        return f"%v{len(self.lines) - 1}"

    def _add_array(self, dtype: np.dtype[Any], dimensions: int, flags: int) -> None:
        """Nobody counts its users, and it is nobody's: the caller holds it."""
        told, size = self._word("ptr"), str(dtype.itemsize)
        data, place = self._read("ptr", told, "i8", DATA), self._read("ptr", told, "i8", SHAPE)
        shape = [self._read("i64", place, "i64", axis) for axis in range(dimensions)]
        strides: list[str] = []
        reach = size
        for length in reversed(shape):
            strides.insert(0, reach)
            reach = self.put(f"mul i64 {reach}, {length}")
        items = self.put(f"sdiv exact i64 {reach}, {size}")
        values = ["null", "null", items, size, data, *shape, *strides]
        self.given += zip(["ptr", "ptr", "i64", "i64", "ptr", *["i64"] * 2 * dimensions], values, strict=True)

    def _word(self, sort: str) -> str:
        self.count += 1
        return self._read(sort, "%words", "i64", self.count - 1)

    def _read(self, sort: str, base: str, unit: str, place: int) -> str:
        return self.put(f"load {sort}, ptr {self.put(f'getelementptr {unit}, ptr {base}, i64 {place}')}")
