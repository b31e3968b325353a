"""Runs cases with known answers through the command line and writes their page beside this file.

    .venv/bin/python docs/validation/command_line.py

The cases are those of ``tests/app/command_line_cases.py``.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
mpl.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

from tests.app import command_line_cases as cases  # noqa: E402

HERE = Path(__file__).parent
SHALLOW, INERTIAL = "shallow-water", "local-inertial"
SCHEMES = (INERTIAL, SHALLOW)
Row = tuple[str, str, str, str]
TEXT = """# By the command line · 命令行算例

Files in, `riskatlas simulate flood`, files out, as a stranger would; made by
`.venv/bin/python docs/validation/command_line.py`, held by `tests/app/test_flood_command_line.py`.

The hump of shallow-water before a steep plane runs full came from the mean of two stages that friction had
slowed one by one (it was 3.1 % at slope 0.05 in cells of 5 m); what is left of it is gone in cells of 0.5 m.
Local-inertial holds flow at the critical velocity, along and across by itself: on slopes where it would run
faster it is late and turns off the line of fall, and the run says so. Its backwater lacks the head of the
velocity, about Fr² of the depth.

![Rain on a steep plane](flood_command_line.png)

| case | given | scheme | found |
|---|---|---|---|
"""


def fresh() -> Path:
    """A folder for a case."""
    return Path(tempfile.mkdtemp(prefix="riskatlas-case-"))


def l1(pair: tuple[Any, Any]) -> str:
    """Sum of differences by sum of what was expected."""
    return f"L1 {np.abs(pair[0] - pair[1]).sum() / np.abs(pair[1]).sum():.3%}"


def runoff(figure: Any) -> Iterator[Row]:
    """Rain on planes; the steep ones are drawn."""
    for slope, n, rain, length, cell in (
        (0.01, 0.025, 50, 400, 10), (0.02, 0.03, 50, 400, 5),
        (0.05, 0.03, 100, 200, 10), (0.05, 0.03, 100, 200, 5),
    ):  # fmt: skip
        for scheme in SCHEMES:
            times, found, expected = cases.rain_on_a_plane(fresh(), slope, n, rain, length, cell, scheme)
            nse = 1 - ((found - expected) ** 2).sum() / ((expected - expected.mean()) ** 2).sum()
            given = f"slope {slope:g}, n {n:g}, {rain} mm/h, {length} m, {cell} m cells"
            peak = found.max() / expected.max() - 1
            yield "rain on a plane", given, scheme, f"NSE {nse:.5f}, peak {peak:+.2%}"
            if slope == 0.05 and cell == 5:
                figure.plot(times, 1000 * found, label=scheme, lw=1.4)
                if scheme == SHALLOW:
                    figure.plot(
                        times, 1000 * expected, label="kinematic wave", color="#8a8f98", lw=3, zorder=0
                    )


def channels() -> Iterator[Row]:
    """Uniform flow, backwater, and a channel in the rain."""
    for slope, n, flow, cell in ((0.001, 0.03, 1.0, 10.0), (0.005, 0.03, 1.0, 10.0), (0.01, 0.03, 0.5, 5.0)):
        for scheme in SCHEMES:
            found, normal = cases.uniform_flow(fresh(), slope, n, flow, cell, scheme)
            given = f"slope {slope:g}, n {n:g}, {flow:g} m²/s, {cell:g} m cells"
            worst = np.abs(found[10:] / normal - 1).max()
            yield "uniform flow", given, scheme, f"Manning's depth to {worst:.2%}"
    for times in (1.8, 0.8):
        for scheme in SCHEMES:
            given = f"{times:g} × the normal depth at the foot, slope 0.001, 2 m²/s, 20 m cells"
            yield (
                "backwater",
                given,
                scheme,
                l1(cases.backwater(fresh(), 0.001, 0.03, 2.0, times, 2000.0, 20.0, scheme)),
            )
    for cell in (20.0, 10.0):
        yield (
            "MacDonald's channel in rain",
            f"{cell:g} m cells",
            SHALLOW,
            l1(cases.macdonald_in_the_rain(fresh(), cell, SHALLOW)),
        )


def structures() -> Iterator[Row]:
    """A pump, a gate and a breach between two ponds."""
    at = [cases.WEST + 2000, cases.NORTH - 25]
    for scheme in SCHEMES:
        pump = {"m3_per_s": 3, "start_m": 11, "stop_m": 10.5}
        passed, _, error = cases.between_ponds(fresh(), "pumps", pump, (2.0, 0.5), scheme)
        yield "pump", "3 m³/s", scheme, f"{passed / 3 - 1:+.4%}, volume error {error:.0e}"
        gate = {"width_m": 2, "invert_m": 10, "opening_m": [[0, 0.5]]}
        passed, (up, down), _ = cases.between_ponds(fresh(), "gates", gate, (2.0, 0.5), scheme)
        formula = 0.6 * 2 * 0.5 * np.sqrt(2 * cases.G * (up - max(down, 0.25)))
        yield (
            "gate",
            "2 m × 0.5 m, 2 m and 0.5 m deep beside it",
            scheme,
            f"{passed / formula - 1:+.1%} of the orifice",
        )
        breach = {"breaches": [{"at": at, "time_h": 0.001, "width_m": 30, "bottom_m": 11.5}]}
        passed, (up, _), _ = cases.between_ponds(fresh(), "levees", breach, (2.3, 0.0), scheme)
        formula = 1.705 * 30 * (up - 1.5) ** 1.5
        yield "breach", "30 m wide, head 0.7 m", scheme, f"{passed / formula - 1:+.1%} of the weir"


def images() -> Iterator[Row]:
    """Rough ground mirrored and turned."""
    for turn in cases.TURNS:
        for scheme in SCHEMES:
            apart = cases.turned(fresh(), turn, scheme)
            told = [f"{name} {difference:.0e}" for name, difference in apart.items()]
            yield "flood on rough ground", turn, scheme, ", ".join(told)


def main() -> None:
    """Write the page and its figure."""
    figure, axis = plt.subplots(figsize=(5.6, 3.3), layout="constrained")
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        found = [*runoff(axis), *channels(), *structures(), *images()]
    axis.set_xlabel("time / time to run full")
    axis.set_ylabel("discharge at the foot, l/s a metre")
    axis.set_title("100 mm/h on 200 m at 5 %, 5 m cells", fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=9)
    figure.savefig(HERE / "flood_command_line.png", dpi=110)
    table = "".join("| " + " | ".join(row) + " |\n" for row in found)
    (HERE / "flood_command_line.md").write_text(TEXT + table, encoding="utf-8")


if __name__ == "__main__":
    main()
