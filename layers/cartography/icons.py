"""Icons for points: outlines that the kernel draws in one ink, like any other shape.

They come with the program (`resources/markers`, from the Lucide set) or from a file that was taken apart at
the door: see `layers.cartography.svg`.
"""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from layers.errors import BadInput
from layers.grid import Array
from layers.resources import resource

LARGEST_FILE = 200_000  # bytes
_NUMBER = re.compile(r"-?\d+")


@lru_cache(maxsize=256)
def icon_rings(icon: str) -> tuple[Array, ...]:
    """The closed rings of an icon of height 1 around 0, 0, y down; even-odd.

    Parameters
    ----------
    icon : str
        A name of `icon_names`, or the outline that `icon_from_svg` gave.

    Raises
    ------
    BadInput
        There is no such icon.
    """
    outline = icon if icon.startswith("M") else _outline_of(icon)
    rings = [ring for ring in outline.split("M") if ring]
    return tuple(np.array(_NUMBER.findall(ring), np.float64).reshape(-1, 2) / 1000 for ring in rings)


def icon_names() -> tuple[str, ...]:
    """The icons that the program brings along."""
    return tuple(sorted(path.stem for path in resource("markers").iterdir() if path.suffix == ".svg"))


def icon_from_file(path: Path) -> str:
    """The outline of an SVG file: see `layers.cartography.svg.icon_from_svg`."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput("icon_too_large", most=LARGEST_FILE // 1000)
        from layers.cartography.svg import icon_from_svg  # the window opens sooner without it

        return icon_from_svg(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise BadInput("icon_unreadable", reason=error.strerror or str(error)) from error


def icon_path(icon: str) -> str:
    """The icon as the data of an SVG path in a box of 1000 by 1000."""
    rings = [ring * 1000 + 500 for ring in icon_rings(icon)]
    return "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "Z" for ring in rings)


@lru_cache(maxsize=128)
def _outline_of(name: str) -> str:
    path = resource("markers") / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise BadInput("style_value", where="marker.icon", value=name[:60])
    from layers.cartography.svg import icon_from_svg

    return icon_from_svg(path.read_text(encoding="utf-8"))
