"""The style of isochrones: a class for each of the times that were asked for, and no other in the legend."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from layers.cartography.classify import between, recoloured
from layers.cartography.style import Style, StyleClass, default_style
from layers.words import Language, say

HAIR = 0.001
"""Minutes by which a class reaches beyond its time: the ring of 10 minutes is in the class up to 10."""


def ring_style(minutes: Sequence[float], language: Language = "zh_CN") -> Style:
    """One class a ring, in the colours of the kind, the darkest for the shortest time.

    Parameters
    ----------
    minutes : sequence of float
        Rising.
    language : {"zh_CN", "en"}
        Of the legend.

    Examples
    --------
    >>> [each.title for each in ring_style((5.0, 15.0), "en").classes]
    ['≤ 5 min', '≤ 15 min']
    """
    usual = default_style("isochrone", language)
    colors = [each.symbol.fill.color for each in usual.classes if each.symbol.fill]
    shown = colors[: len(minutes)] if len(minutes) <= len(colors) else between(colors, len(minutes))
    bounds = pairwise([0.0, *(each + HAIR for each in minutes)])
    classes = tuple(
        StyleClass(
            symbol=recoloured(usual.classes[0].symbol, color),
            title=say("style.within", language, minutes=f"{each:g}"),
            lower=low,
            upper=high,
        )
        for each, color, (low, high) in zip(minutes, shown, bounds, strict=True)
    )
    return replace(usual, classes=classes)
