"""Runs the published flood cases and writes their pages and plots beside this file.

    .venv/bin/python docs/validation/make.py

The cases are those of ``tests/published/flood_cases.py``: the tests hold what is drawn here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
mpl.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

from layers.hazards.inundation import Side  # noqa: E402
from tests.published import flood_cases as cases  # noqa: E402

HERE = Path(__file__).parent
GREY, BLUE, ORANGE = "#8a8f98", "#1f5fa8", "#d9822b"


class Page(NamedTuple):
    """One case: a file name, a title, what it is, rows of numbers, and its figure."""

    name: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    figure: Any


def axes(xlabel: str, ylabel: str, count: int = 1) -> tuple[Any, Any]:
    """An empty figure of `count` panels side by side."""
    figure, found = plt.subplots(
        1, count, figsize=(4.2 * count + 1.4, 3.3), layout="constrained", squeeze=False
    )
    for each in found[0]:
        each.set_xlabel(xlabel)
        each.set_ylabel(ylabel)
        each.spines[["top", "right"]].set_visible(False)
    return figure, found[0] if count > 1 else found[0][0]


def against(axis: Any, x: Any, found: Any, expected: Any, bed: Any = None) -> None:
    """Expected as a grey line, found as dots; over a bed, levels."""
    ground = 0 if bed is None else bed
    axis.plot(x, expected + ground, color=GREY, lw=3, label="expected")
    axis.plot(x, found + ground, ".", color=BLUE, ms=3, label="found")
    if bed is not None:
        axis.fill_between(x, np.min(bed) - 0.02, bed, color="#d8cfc0", lw=0)
    axis.legend(frameon=False)


def rmse(found: Any, expected: Any) -> float:
    """Root mean square difference."""
    return float(np.sqrt(np.mean((found - expected) ** 2)))


def l1(found: Any, expected: Any) -> float:
    """Sum of differences by sum of what was expected."""
    return float(np.abs(found - expected).sum() / np.abs(expected).sum())


def nonbreaking_wave() -> Page:
    """Both schemes, three cells."""
    figure, panels = axes("x, m", "depth, m", 2)
    rows = []
    for axis, speed, scheme in ((panels[0], 0.4, cases.INERTIAL), (panels[1], 1.0, cases.SHALLOW)):
        for cell in (50.0, 25.0, 12.5):
            for time, (x, found, expected, run) in cases.nonbreaking_wave(speed, scheme, cell).items():
                rows.append(
                    (
                        scheme,
                        f"{speed} m/s",
                        f"{cell:g} m",
                        f"{time:g} s",
                        f"{1000 * rmse(found, expected):.1f} mm",
                        f"{run.summary['mass']['error_relative']:.1e}",
                    )
                )
                if cell == 25.0:
                    against(axis, x, found, expected)
        axis.set_title(f"{scheme}, u = {speed} m/s", fontsize=10)
        axis.get_legend().remove()
    text = (
        "A wave runs over a flat rough plane (n 0.03); the "
        "level at the west edge rises as the closed form says. "
        "Hunter et al. 2005; used by Bates et al. 2010 and de Almeida et al. 2012. "
        "Root mean square over all cells of 4 km: almost all of it is at the front. "
        "The lag of the front in fine cells is the scheme's own, not the grid's: local inertia lacks the "
        "advection that would cancel the inertia of such a wave, an error of the order of Fr², and a front "
        "of fine cells is thinner and swifter. A wave that ran on unchanged without advection would lack "
        "u²/g ln(h₀/h) of its depth, h₀ that of the edge, 16 mm where h is h₀/e; 13 mm are found there in "
        "cells of 5 m at 6,000 s. Coarser cells spread the front and hide it. "
        "In cells of 5 m it comes to 15 mm at 9,000 s, the front 32 m "
        "late in 3,600; shallow-water comes to 0.6 mm there, and is the scheme for such cells."
    )
    columns = ("scheme", "speed", "cell", "time", "RMSE", "volume error")
    return Page("nonbreaking_wave", "Non-breaking wave over a plane", text, columns, rows, figure)


def rain_plane() -> Page:
    """Both schemes, two kinds of foot, two cells."""
    figure, axis = axes("t, s", "discharge at the foot, m²/s")
    rows = []
    for scheme in (cases.INERTIAL, cases.SHALLOW):
        for name, side in (("open", Side("open")), ("slope:0.01", Side("slope", slope=0.01))):
            for cell in (10.0, 4.0):
                expected, found, run = cases.rain_on_a_plane(scheme, cell, side)
                flow = expected["q_m2_s"].to_numpy()
                nse = 1 - ((found - flow) ** 2).sum() / ((flow - flow.mean()) ** 2).sum()
                peak = f"{100 * (found.max() / flow.max() - 1):+.2f} %"
                error = f"{run.summary['mass']['error_relative']:.1e}"
                rows.append((scheme, name, f"{cell:g} m", f"{nse:.5f}", peak, error))
        axis.plot(
            expected["t_s"], found, ".", color=BLUE if scheme == cases.SHALLOW else ORANGE, ms=4, label=scheme
        )
    axis.plot(expected["t_s"], flow, color=GREY, lw=2, zorder=0, label="expected")
    axis.legend(frameon=False)
    text = (
        "50 mm/h for 45 minutes on a plane of 400 m, slope "
        "0.01, n 0.025; discharge = depth × speed of a gauge at "
        "the centre of the lowest cell, half a cell above the foot. Henderson & Wooding 1964. "
        "Above the foot by half a cell the discharge is by theory that much smaller (1.25 % in cells of "
        "10 m); through the foot itself local-inertial lets pass the closed form's to 1e-6 when the plane "
        "runs full."
    )
    columns = ("scheme", "foot", "cell", "NSE", "peak", "volume error")
    return Page("rain_plane", "Rain on a plane", text, columns, rows, figure)


def dam_breaks() -> Page:
    """Over water and over dry ground."""
    figure, panels = axes("x, m", "depth, m", 2)
    rows = []
    for axis, name, title, below in (
        (panels[0], "stoker_wet_h10_h1_t20", "Stoker, 10 m over 1 m", 1.0),
        (panels[1], "ritter_dry_h10_t20", "Ritter, 10 m over dry ground", 0.0),
    ):
        for cell in (5.0, 1.0):
            x, found, expected, run = cases.dam_break(name, below, cell)
            error = f"{run.summary['mass']['error_relative']:.1e}"
            rows.append((title, f"{cell:g} m", f"{100 * l1(found, expected):.3f} %", error))
        against(axis, x, found, expected)
        axis.set_title(title, fontsize=10)
    text = "20 s after a dam is gone, without friction; shallow-water scheme. L1 of the depth over 1 km."
    return Page("dam_breaks", "Dam breaks", text, ("case", "cell", "L1", "volume error"), rows, figure)


def thacker() -> Page:
    """Three cells."""
    figure, axis = axes("x, m", "level, m")
    rows = []
    for cells in (50, 100, 200):
        _, bed, found, expected, run = cases.thacker(cells)
        drift = found.sum() / expected.sum() - 1
        error = f"{run.summary['mass']['error_relative']:.1e}"
        rows.append(
            (f"{4 / cells:g} m", f"{100 * l1(found, expected):.2f} %", f"{100 * drift:+.3f} %", error)
        )
    row = len(bed) // 2
    x = (np.arange(len(bed)) + 0.5) * 4 / len(bed) - 2
    near = np.abs(x) < 1.4
    against(axis, x[near], found[row][near], expected[row][near], bed[row][near])
    text = (
        "Water swings out and in again in a paraboloid without "
        "friction (Thacker 1981; radius 1 m, depth 0.1 m, start "
        "at 0.8 m), after three periods; a shore that moves over 20 cells."
    )
    columns = ("cell", "L1 after 3 periods", "volume against closed form", "volume error")
    return Page("thacker", "Thacker's paraboloid", text, columns, rows, figure)


def macdonald() -> Page:
    """Three cells."""
    figure, axis = axes("x, m", "level, m")
    rows = []
    for cell in (20.0, 10.0, 5.0):
        x, bed, found, expected, _ = cases.macdonald(cell)
        inner = x > 3 * cell
        worst = np.abs(found - expected)[inner].max()
        rows.append((f"{cell:g} m", f"{100 * l1(found, expected):.3f} %", f"{1000 * worst:.1f} mm"))
    against(axis, x, found, expected, bed)
    text = (
        "Subcritical flow of 2 m²/s in a channel of 1 km, n "
        "0.033, whose bed was found from the depth that is wanted "
        "(MacDonald et al. 1997; the long channel of SWASHES, "
        "Delestre et al. 2013). Discharge enters at the west "
        "edge, the depth is imposed at the east edge. Greatest "
        "error from the fourth cell on: the inflow needs three."
    )
    return Page("macdonald", "MacDonald's channel", text, ("cell", "L1", "greatest error"), rows, figure)


def bumps() -> Page:
    """Three regimes."""
    figure, panels = axes("x, m", "level, m", 3)
    rows = []
    for axis, kind in zip(panels, cases.BUMPS, strict=True):
        x, bed, found, expected, run = cases.bump(kind)
        gauges = run.gauges[run.gauges["time_h"] > 0].iloc[3:]
        flow = gauges["depth_m"] * gauges["speed_m_s"]
        discharge = cases.BUMPS[kind][0]
        rows.append(
            (kind, f"{100 * l1(found, expected):.3f} %", f"{100 * (flow.median() / discharge - 1):+.2f} %")
        )
        against(axis, x, found, expected, bed)
        axis.set_title(kind, fontsize=10)
    text = (
        "Steady flow over a bump of 0.2 m without friction (Goutal "
        "& Maurel 1997), cells of 0.125 m, after 200 s; "
        "the depth at the foot is imposed where the flow is subcritical."
    )
    return Page("bumps", "Flow over a bump", text, ("case", "L1", "discharge (median)"), rows, figure)


def lake() -> Page:
    """Both schemes."""
    figure, axis = axes("column", "level − 500, m")
    rows = []
    for scheme in (cases.SHALLOW, cases.INERTIAL):
        depth, found, run = cases.lake(scheme)
        worst, speed = np.nanmax(np.abs(found - depth)), np.nanmax(run.grids["speed_max"])
        rows.append((scheme, f"{worst:.1e} m", f"{speed:.1e} m/s", str(run.summary["steps"])))
    axis.plot(np.where(depth[20] > 0, depth[20], np.nan), color=BLUE, lw=1)
    axis.set_ylabel("depth, m")
    text = (
        "A lake with islands on rough ground at 500 m above datum, with a hole without data, "
        "left alone for an hour."
    )
    return Page(
        "lake_at_rest",
        "Lake at rest",
        text,
        ("scheme", "greatest change", "greatest speed", "steps"),
        rows,
        figure,
    )


def pages() -> Iterator[Page]:
    """All cases, one after the other."""
    for case in (nonbreaking_wave, rain_plane, dam_breaks, thacker, macdonald, bumps, lake):
        yield case()


def main() -> None:
    """Write a page and a plot for each case, and the list of pages."""
    entries = []
    for page in pages():
        page.figure.savefig(HERE / f"flood_{page.name}.png", dpi=110)
        plt.close(page.figure)
        table = ["| " + " | ".join(page.columns) + " |", "|" + "---|" * len(page.columns)]
        table += ["| " + " | ".join(row) + " |" for row in page.rows]
        body = "\n".join(table)
        (HERE / f"flood_{page.name}.md").write_text(
            f"# {page.title}\n\n{page.text}\n\n![{page.title}](flood_{page.name}.png)\n\n{body}\n",
            encoding="utf-8",
        )
        entries.append(f"- [{page.title}](flood_{page.name}.md)")
        print(page.name)
    entries.append("- [Further cases](flood_further.md), made by `further.py`")
    entries.append("- [By the command line](flood_command_line.md), made by `command_line.py`")
    listing = "\n".join(entries)
    (HERE / "README.md").write_text(
        "# Published cases · 公开算例\n\nMade by `.venv/bin/python docs/validation/make.py`; the tests in "
        f"`tests/published/` hold them.\n\n{listing}\n", encoding="utf-8",
    )  # fmt: skip


if __name__ == "__main__":
    main()
