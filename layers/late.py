"""Libraries that are imported when they are first used: the window opens sooner without them."""

import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_lock = threading.Lock()


class Late(ModuleType):
    """A module that is imported as soon as something of it is wanted.

    Parameters
    ----------
    name : str
        As in ``import NAME``.

    Examples
    --------
    >>> decimal = Late("decimal")
    >>> decimal.Decimal("0.1") + decimal.Decimal("0.2")
    Decimal('0.3')
    """

    def __getattr__(self, wanted: str) -> Any:
        """What the module holds under that name."""
        name = self.__name__
        with _lock:
            if sys.modules.get(name) is self:
                del sys.modules[name]
        return getattr(import_module(name), wanted)


class _Once(MetaPathFinder, Loader):
    """Lets a part of a delayed library be what it is already.

    ``import NAME.PART`` asks the late module for its path; the library is imported then, mostly with that
    part, and the import that asked would load the part a second time, with classes that are not the first's.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec that leads to the module that is there; none if there is none, or it is loaded anew."""
        is_there = target is None and fullname in sys.modules
        return ModuleSpec(fullname, self) if is_there else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module that is there."""
        module = sys.modules[spec.name]
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is, with its own spec."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


_once = _Once()


def delay(*names: str) -> None:
    """Let ``import NAME`` of these libraries cost nothing: each is imported when something of it is wanted.

    What is imported when the window opens uses them in functions only, and names them in annotations that are
    not evaluated (``from __future__ import annotations``). A library that is not installed is left alone.
    """
    if _once not in sys.meta_path:
        sys.meta_path.insert(0, _once)
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            late = Late(name)
            late.__spec__, late.__file__ = spec, spec.origin
            sys.modules[name] = late
