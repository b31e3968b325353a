"""Libraries that are imported when they are first used: the window opens sooner without them."""

from importlib import import_module
from typing import Any


class Late:
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

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, wanted: str) -> Any:
        """What the module holds under that name; kept, so that it is looked up once."""
        found = getattr(import_module(self._name), wanted)
        setattr(self, wanted, found)
        return found
