"""Libraries that are imported when they are first used: the window opens sooner without them."""

import sys
import threading
from importlib import import_module
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


def delay(*names: str) -> None:
    """Let ``import NAME`` of these libraries cost nothing: each is imported when something of it is wanted.

    What is imported when the window opens uses them in functions only, and names them in annotations that are
    not evaluated (``from __future__ import annotations``). A library that is not installed is left alone.
    """
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            late = Late(name)
            late.__spec__, late.__file__ = spec, spec.origin
            sys.modules[name] = late
