"""The curve of sites against people left out, drawn by matplotlib off the GUI thread."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.theme import Tokens
from layers.resources import resource


@dataclass(frozen=True, eq=False)
class Curve:
    """What is drawn.

    Parameters
    ----------
    table : pandas.DataFrame
        ``count, unmet, unmet_at_least``.
    marks : tuple of (str, float, float)
        Plans: name, sites, people left out.
    axes : tuple of str
        Words: sites, people left out, what was found, what is proven.
    size : tuple of int
        Logical pixels.
    ratio : float
    tokens : Tokens
    """

    table: pd.DataFrame
    marks: tuple[tuple[str, float, float], ...]
    axes: tuple[str, str, str, str]
    size: tuple[int, int]
    ratio: float
    tokens: Tokens


def draw_curve(curve: Curve) -> NDArray[np.uint8]:
    """RGBA pixels, shape (height, width, 4)."""
    from matplotlib import font_manager, rcParams  # the window opens sooner without them
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rcParams["text.hinting"] = "none"
    face = font_manager.FontProperties(fname=str(resource("fonts", "NotoSansSC-Regular.ttf")), size=9)
    tokens, found = curve.tokens, curve.table
    size = curve.size[0] / 96, curve.size[1] / 96
    figure = Figure(figsize=size, dpi=96 * curve.ratio, facecolor=tokens.surface)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.13, 0.86, 0.82), facecolor=tokens.surface)
    sites, proven = found["count"], found["unmet_at_least"]
    axes.fill_between(sites, proven, found["unmet"], color=tokens.accent, alpha=0.18, label=curve.axes[3])
    axes.plot(sites, found["unmet"], color=tokens.accent, linewidth=1.4, marker="o", markersize=3.5,
              label=curve.axes[2])  # fmt: skip
    for name, count, unmet in curve.marks:
        axes.plot(count, unmet, color=tokens.ink, marker="s", markersize=5, linestyle="none")
        axes.annotate(name, (count, unmet), (6, 5), textcoords="offset points", font=face, color=tokens.ink)
    axes.set_xlabel(curve.axes[0], font=face, color=tokens.soft_ink)
    axes.set_ylabel(curve.axes[1], font=face, color=tokens.soft_ink)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(color=tokens.line, linewidth=0.6)
    axes.legend(prop=face, frameon=False, labelcolor=tokens.ink)
    axes.tick_params(colors=tokens.soft_ink, length=0)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(face)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(tokens.strong_line)
    canvas.draw()
    pixels: NDArray[np.uint8] = np.ascontiguousarray(canvas.buffer_rgba())
    return pixels.copy()
