"""Kernels: functions that numba compiles, and what stands in for them once they are kept.

Numba itself is imported when the first kernel is called of which no object code is kept.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from functools import cache, partial, update_wrapper
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from layers.kernels.folder import settle

if TYPE_CHECKING:
    from layers.kernels.door import Doors

_making = threading.RLock()


class Kernel:
    """A function that numba compiles, without the GIL, when it is first called, and keeps on the disk.

    Kernels may call kernels. One of which object code is kept (`keep`) is loaded from that, without numba;
    numba's takes over for other types of arguments.

    Parameters
    ----------
    function : callable
    **options
        Of `numba.njit`, beyond ``nogil`` and ``cache``.
    """

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        update_wrapper(self, function)
        self._function, self._options = function, options
        self._made: Any = None
        self._doors: Doors | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        return (self._doors or self._made or self._found())(*arguments)

    def _found(self) -> Callable[..., Any]:
        """The object code that is kept of it, or what numba makes of it."""
        from layers.kernels.door import Doors, read

        with _making:
            doors = read(self.kept)
            self._doors = None if doors is None else Doors(doors, self.made)
            return self._doors or self.made()

    def made(self) -> Any:
        """What numba made of the function: its dispatcher."""
        with _making:
            if self._made is None:
                function = _with_made_kernels(self._function)
                self._made = _numba().njit(nogil=True, cache=True, **self._options)(function)
            return self._made

    @property
    def is_loaded(self) -> bool:
        """Whether this process has it compiled: a call takes no more than the work."""
        return self._doors is not None or (self._made is not None and bool(self._made.signatures))

    @property
    def file(self) -> str:
        """How the files on the disk begin that hold it compiled."""
        return f"{Path(self._function.__code__.co_filename).stem}.{self._function.__name__}-"

    @property
    def kept(self) -> Path:
        """The file that holds its object code for this processor, if it is kept."""
        from layers.kernels import machine

        return settle() / f"{self.file}{machine.name()}.door"


def kernel(function: Callable[..., Any]) -> Kernel:
    """A kernel whose divisions by zero give infinity, as numpy's do."""
    return Kernel(function, error_model="numpy")


inlined = partial(Kernel, error_model="numpy", inline="always")
"""A kernel that is woven into those that call it: a call costs more than the few steps it takes."""

finite = partial(Kernel, error_model="numpy", fastmath={"nnan", "ninf", "nsz", "contract"})
"""A kernel that meets finite numbers only: the processor may do many of them in one step."""


def keep(kernels: Iterable[Kernel]) -> None:
    """Keep kernels as object code, for the types of arguments that this process has them compiled for.

    Those that are kept already are left alone. One that cannot be kept stays with numba; the log says why.
    """
    from layers.kernels.door import read, write
    from layers.kernels.object_code import NotKept, object_code

    for each in kernels:
        if read(each.kept) is None:
            try:
                write(each.kept, *object_code(each.made(), each.file))
            except NotKept as reason:
                logging.getLogger(__name__).warning("%s stays with numba: %s", each.file[:-1], reason)


def is_warm(kernels: Iterable[Kernel]) -> bool:
    """Whether all these kernels lie compiled on the disk: they load, the first call does not compile."""
    files = {path.name for path in settle().rglob("*-*") if path.suffix in {".nbi", ".door"}}
    return all(any(name.startswith(k.file) for name in files) for k in kernels)


def _with_made_kernels(function: Callable[..., Any]) -> FunctionType:
    """The function in a world in which the kernels that it calls are numba's."""
    world = function.__globals__
    called = {n: world[n].made() for n in function.__code__.co_names if isinstance(world.get(n), Kernel)}
    twin = FunctionType(function.__code__, {**world, **called}, function.__name__, function.__defaults__)
    twin.__module__, twin.__qualname__ = function.__module__, function.__qualname__
    return twin


@cache
def _numba() -> Any:
    """Numba, without what it imports for a tenth of a second each and no kernel needs.

    That is coverage.py where it is installed, and scipy's linear algebra: kernels multiply no matrices.
    """
    is_covered = "coverage" in sys.modules
    sys.modules.setdefault("coverage", None)  # type: ignore[arg-type]
    import numba
    from numba.np import linalg

    linalg.ensure_blas = _no_blas
    if not is_covered:
        sys.modules.pop("coverage", None)
    return numba


def _no_blas() -> None:
    raise ImportError("kernels multiply no matrices")
