"""What the program is made of is no garbage: it is not looked through again and again.

A full collection walks over every object, those of all imported modules too, and takes a tenth of a second in
which the window stands still. So none is made until the program has all its parts, and those are left out of
all later ones.
"""

import gc

gc.disable()


def begin() -> None:
    """From now on garbage is collected, but nothing that there is already."""
    gc.freeze()
    gc.enable()
