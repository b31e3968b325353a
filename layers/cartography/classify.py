"""Classes from numbers: natural breaks, quantiles, equal steps, fixed bounds. No data is in no class."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from layers.cartography.breaks import natural_breaks
from layers.cartography.style import Fill, Stroke, Style, StyleClass, Symbol
from layers.errors import BadInput
from layers.grid import Array
from layers.words import Language, say

REGION = Symbol(fill=Fill(), stroke=Stroke(color="#8a7f78", width_mm=0.12))
Scheme = Literal["natural", "quantile", "equal", "fixed"]


def bounds(
    values: Array, scheme: Scheme = "natural", count: int = 5, fixed: Sequence[float] = ()
) -> tuple[float, ...]:
    """The bounds of the classes, rising, from the least value to the greatest.

    Parameters
    ----------
    values : ndarray of float64
        NaN and infinities are left out.
    scheme : {"natural", "quantile", "equal", "fixed"}
        ``natural``: Fisher–Jenks, exact, see `natural_breaks`.
    count : int
        Number of classes wanted; fewer come back if there are fewer distinct values.
    fixed : sequence of float
        The inner bounds, for ``fixed``.

    Returns
    -------
    tuple of float
        ``len - 1`` classes. One distinct value gives one class of that value: two equal bounds.

    Raises
    ------
    BadInput
        No finite value, or fixed bounds that do not rise.
    """
    finite = np.asarray(values, np.float64)
    finite = np.sort(finite[np.isfinite(finite)])
    if not len(finite):
        raise BadInput("no_values")
    low, high = float(finite[0]), float(finite[-1])
    if scheme == "fixed":
        return _fixed(low, high, fixed)
    distinct, times = np.unique(finite, return_counts=True)
    if len(distinct) <= count:  # each value is a class of its own
        return tuple(float(v) for v in (*distinct, high))
    inner = _inner_bounds(finite, distinct, times.astype(np.float64), scheme, count)
    return (low, *(float(b) for b in np.unique(inner) if low < b <= high), high)


def _fixed(low: float, high: float, inner: Sequence[float]) -> tuple[float, ...]:
    if not inner or not np.all(np.isfinite(inner)) or np.any(np.diff(inner) <= 0):
        raise BadInput("too_few_bounds")
    return (min(low, float(inner[0])), *map(float, inner), max(high, float(inner[-1])))


def _inner_bounds(finite: Array, distinct: Array, times: Array, scheme: Scheme, count: int) -> Array:
    """Where the second, third … class begins."""
    if scheme == "equal":
        return np.linspace(distinct[0], distinct[-1], count + 1)[1:-1]
    if scheme == "quantile":
        return np.quantile(finite, np.arange(1, count) / count)
    return natural_breaks(distinct, times, count)


def graduated(
    field: str,
    limits: Sequence[float],
    colors: Sequence[str],
    language: Language = "zh_CN",
    *,
    symbol: Symbol = REGION,
    digits: int = 1,
) -> Style:
    """A style with one class between each two neighbouring bounds.

    Parameters
    ----------
    field : str
        Column that the classes look at; empty for grids.
    limits : sequence of float
        From `bounds`.
    colors : sequence of ``#rrggbb``
        At least two: the colours of the lowest and the highest class and between; interpolated.
    language : {"zh_CN", "en"}
    symbol : Symbol
        What the colour is put into: its fill, else its marker's, else its stroke.
    digits : int
        Digits after the point in the legend.
    """
    pairs = list(pairwise(limits))
    return Style(
        symbol=_NO_DATA if symbol.fill else Symbol(),
        field=field,
        kind="graduated",
        other=say("style.nodata", language),
        classes=tuple(
            StyleClass(
                symbol=recoloured(symbol, color), title=_range(low, high, digits), lower=low, upper=high
            )
            for (low, high), color in zip(pairs, between(colors, len(pairs)), strict=True)
        ),
    )


_NO_DATA = Symbol(fill=Fill(color="#e6e6e6", hatch="diagonal", hatch_color="#8c8c8c"))


def _range(low: float, high: float, digits: int) -> str:
    texts = [f"{value:,.{digits}f}" for value in (low, high)]
    return texts[0] if texts[0] == texts[1] else " – ".join(texts)


def between(colors: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` colours evenly along `colors`, interpolated in sRGB.

    Examples
    --------
    >>> between(["#000000", "#ffffff"], 3)
    ('#000000', '#808080', '#ffffff')
    """
    return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in mixed(colors, count))


def mixed(colors: Sequence[str], count: int) -> NDArray[np.int64]:
    """The same as numbers of 0..255, shape (count, 3)."""
    stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colors], np.float64)
    at = np.linspace(0, len(colors) - 1, count) if count > 1 else np.array([len(colors) - 1.0])
    along = np.column_stack([np.interp(at, np.arange(len(colors)), stops[:, i]) for i in range(3)])
    return np.floor(along + 0.5).astype(np.int64)


def categorised(
    field: str,
    values: Sequence[str],
    colors: Sequence[str],
    language: Language = "zh_CN",
    *,
    symbol: Symbol = REGION,
) -> Style:
    """A style with one class for each of the values, in their order; parameters as of `graduated`."""
    inked = between(colors, len(values))
    return Style(
        symbol=_NO_DATA if symbol.fill else symbol,
        field=field,
        kind="categorised",
        other=say("style.nodata", language),
        classes=tuple(
            StyleClass(symbol=recoloured(symbol, color), title=value, value=value)
            for value, color in zip(values, inked, strict=True)
        ),
    )


def hatched(style: Style, *, lowest: bool = False) -> Style:
    """The classes told apart by hatches too, the denser the higher: for a printer without colours.

    Parameters
    ----------
    style : Style
        Its classes stand from low to high.
    lowest : bool
        The lowest class has a hatch too: what lies below it is bare paper.
    """
    steps = np.linspace(int(lowest), len(_HATCHES) - 1, len(style.classes)).round().astype(int)
    classes = [_hatched(each, _HATCHES[step]) for each, step in zip(style.classes, steps, strict=True)]
    return replace(style, classes=tuple(classes))


def _hatched(each: StyleClass, hatch: dict[str, Any]) -> StyleClass:
    fill = each.symbol.fill
    return replace(each, symbol=replace(each.symbol, fill=replace(fill, **hatch))) if fill else each


_HATCHES: tuple[dict[str, Any], ...] = (
    {"hatch": "none"},
    {"hatch": "dots", "hatch_color": "#404040", "spacing_mm": 1.8, "line_mm": 0.3},
    {"hatch": "horizontal", "hatch_color": "#303030", "spacing_mm": 1.6, "line_mm": 0.12},
    {"hatch": "back_diagonal", "hatch_color": "#202020", "spacing_mm": 1.3, "line_mm": 0.14},
    {"hatch": "cross", "hatch_color": "#000000", "spacing_mm": 1.3, "line_mm": 0.16},
    {"hatch": "diagonal_cross", "hatch_color": "#000000", "spacing_mm": 1.1, "line_mm": 0.22},
)


def recoloured(symbol: Symbol, color: str) -> Symbol:
    """The symbol in another colour."""
    if symbol.fill:
        return replace(symbol, fill=replace(symbol.fill, color=color))
    if symbol.marker:
        return replace(symbol, marker=replace(symbol.marker, fill=replace(symbol.marker.fill, color=color)))
    return replace(symbol, stroke=replace(symbol.stroke, color=color)) if symbol.stroke else symbol
