"""Runs further flood cases with known answers and writes their page beside this file.

    .venv/bin/python docs/validation/further.py

The cases are those of ``tests/published/further_cases.py``.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.published import further_cases as cases  # noqa: E402
from tests.published.further_cases import INERTIAL, SHALLOW  # noqa: E402

Row = tuple[str, str, str, str]
TEXT = """# Further cases · 更多算例

Other depths, sizes, slopes, levels and directions than the published ones; made by
`.venv/bin/python docs/validation/further.py`, held by `tests/published/test_flood_further.py`.

Water from a point reaches a place along an axis earlier, by up to half the time in which the front crosses
a cell, than along the diagonal, which agrees with rings around the point: a cell counts as reached when water
has entered it, and along an axis that is through one face only. It halves with the cell. In local-inertial
the front of a fast wave in cells below 10 m lags (it lacks advection): shallow-water is the scheme for those.

| case | given | scheme | found |
|---|---|---|---|
"""


def l1(pair: tuple[Any, Any]) -> str:
    """Sum of differences by sum of what was expected."""
    found, expected = pair
    return f"L1 {np.abs(found - expected).sum() / np.abs(expected).sum():.3%}"


def rmse(pair: tuple[Any, Any]) -> str:
    """Root mean square difference, mm."""
    return f"RMSE {1000 * np.sqrt(np.mean((pair[0] - pair[1]) ** 2)):.1f} mm"


def runoff(pair: tuple[Any, Any]) -> str:
    """Nash and Sutcliffe's efficiency, and the peak."""
    found, expected = pair
    nse = 1 - ((found - expected) ** 2).sum() / ((expected - expected.mean()) ** 2).sum()
    return f"NSE {nse:.5f}, peak {found.max() / expected.max() - 1:+.2%}"


def rows() -> Iterator[Row]:
    """All cases, one after the other."""
    for dam in (
        (2, 0, 30, 1000, 2, "north", 1000),
        (1, 0.2, 40, 600, 2, "west", 300),
        (50, 1, 20, 4000, 10, "east", 0),
    ):
        high, low, time, _, cell, way, datum = dam
        given = f"{high} m over {low} m, runs {way}, bed at {datum} m, {cell} m cells, {time} s"
        yield "dam break", given, SHALLOW, l1(cases.dam_break(*dam))
    for reach, way in ((1.0, "east"), (3000.0, "south")):
        yield (
            "swing in a parabola",
            f"{reach:g} m, runs {way}",
            SHALLOW,
            l1(cases.swing(reach, 0.01 * reach, 0.3 * reach, way)),
        )
    for channel in ((2.0, 0.04, 10.0, "west", "slow"), (2.5, 0.02, 10.0, "south", "fast"),
                    (2.0, 0.0218, 10.0, "north", "slow to fast")):  # fmt: skip
        flow, n, cell, way, kind = channel
        given = f"{kind}, {flow:g} m²/s, n {n:g}, runs {way}, {cell:g} m cells"
        yield "MacDonald's channel", given, SHALLOW, l1(cases.channel(*channel))
    for head, drop in ((0.2, 3.0), (1.0, 0.0)):
        for scheme in (INERTIAL, SHALLOW):
            found, expected = cases.overflow(head, drop, scheme)
            given = f"head {head} m, ground {drop:g} m lower behind"
            yield "levee overtopped", given, scheme, f"{found / expected - 1:+.1%} of the weir"
    rings = cases.spreading_in_rings()
    for scheme in (INERTIAL, SHALLOW):
        for cell in (20.0, 10.0):
            told = cases.spreading(cell, scheme)
            late = [f"{name} {told[name][1] - rings[1]:+.0f} s" for name in ("axis", "diagonal")]
            given = f"480 m in {rings[1]:.0f} s, {cell:g} m cells"
            yield "20 m³/s from a point", given, scheme, ", ".join(late)
    for speed, n, cell, end in (
        (0.2, 0.03, 20.0, 9000.0),
        (0.4, 0.01, 20.0, 9000.0),
        (0.4, 0.03, 10.0, 3600.0),
        (0.6, 0.03, 20.0, 6000.0),
    ):
        for scheme in (INERTIAL, SHALLOW):
            given = f"u {speed} m/s, n {n:g}, {cell:g} m cells, {end:g} s"
            yield "non-breaking wave", given, scheme, rmse(cases.wave(speed, n, cell, end, "north", scheme))
    for slope, n, cell, length in (
        (0.005, 0.02, 5.0, 200.0),
        (0.02, 0.03, 5.0, 400.0),
        (0.03, 0.1, 10.0, 400.0),
    ):
        for scheme in (INERTIAL, SHALLOW):
            given = f"slope {slope:g}, n {n:g}, {length:g} m, {cell:g} m cells"
            yield "rain on a plane", given, scheme, runoff(cases.rain(slope, n, cell, length, scheme))


if __name__ == "__main__":
    table = "".join("| " + " | ".join(row) + " |\n" for row in rows())
    (Path(__file__).parent / "flood_further.md").write_text(TEXT + table, encoding="utf-8")
