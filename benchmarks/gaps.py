"""How long the window stands still: `python benchmarks/gaps.py [--json] [--quick] [--project P.gpkg]`.

Opens the sample project (200,000 buildings, 11.8 million cells of ground; made anew, or a copy of P) in the
window, runs the flood hazard, the earthquake, the forest fire, a flood of 24 hours (3 with --quick) and a set
of two floods, finds shelters for everybody and for an earthquake that is not stored yet, then reckons a field
of 200,000 buildings, selects them with the table open, deletes them, and takes both back. Each case is the
longest time between two turns of the window's thread, from the beginning of the work until all that follows
from it is seen; what keeps all processors busy is done three times, and the median told with the longest. On
Linux the time for which the system gave that thread no processor is left out, as machines are shared; what
a host took from the processors of its virtual machine is not, and told beside it. There is no peer. Prints
JSON lines {case, unit, ours, peer, peer_name, ratio}.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402

from app.application import make_application  # noqa: E402
from app.doors.sample_project import make_sample_project  # noqa: E402
from app.main_window import MainWindow  # noqa: E402
from app.panels.hazard import Run, chosen_models  # noqa: E402
from app.settings import Settings  # noqa: E402
from layers.hazards.inundation_scenario import InundationScenario  # noqa: E402
from layers.risk.scenario_set import BreachPlace, ReturnPeriod, ScenarioSet  # noqa: E402
from layers.storage.selecting import by_expression  # noqa: E402

QUIET = 1.5
"""Seconds after a task in which what follows from it is looked at."""
LONGEST = 900.0
TIMES = 3
"""How often what keeps all processors busy is done."""


@dataclass(frozen=True)
class Found:
    """Of one piece of work: the longest gap (ms), how long it took (s), what the host took meanwhile (ms)."""

    gap: float
    took: float
    stolen: float


def stolen() -> float:
    """Milliseconds for which a host has given processors of this machine to others; 0 if it is not told."""
    try:
        shares = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        return 1000.0 * int(shares[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


class Watch:
    """A window, and the longest time for which it did not answer."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self._file = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._gaps: list[float] = []
        self._last, self._waited = time.perf_counter(), self._wait()
        self._ticks = QTimer(window, interval=2)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start()

    def _wait(self) -> float:
        """Seconds for which this thread was ready and had no processor."""
        try:
            return int(self._file.read_text().split()[1]) / 1e9
        except OSError:
            return 0.0

    def _tick(self) -> None:
        now, waited = time.perf_counter(), self._wait()
        self._gaps.append(now - self._last - (waited - self._waited))
        self._last, self._waited = now, waited

    def gap(self, work: Callable[[], object]) -> Found:
        """What is found while the work is done, and until all is quiet."""
        self.rest(0.05)
        self._gaps.clear()
        begun, taken = time.perf_counter(), stolen()
        work()
        self.settle()
        took = time.perf_counter() - begun - QUIET
        return Found(max(self._gaps) * 1000, took, stolen() - taken)

    def gaps(self, work: Callable[[], object]) -> list[Found]:
        """The same, some times."""
        return [self.gap(work) for _ in range(TIMES)]

    def settle(self) -> None:
        """Until no task is in hand, for a while."""
        quiet = begun = time.perf_counter()
        while time.perf_counter() - quiet < QUIET and time.perf_counter() - begun < LONGEST:
            self.rest(0.05)
            if not self.window.tasks.idle:
                quiet = time.perf_counter()

    def rest(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="JSON lines only")
    parser.add_argument("--quick", action="store_true", help="a flood of 3 hours; within 5 minutes")
    parser.add_argument("--project", type=Path, help="a sample project, of which a copy is worked on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(project_in(Path(folder), options.project), 3.0 if options.quick else 24.0)


def project_in(folder: Path, made: Path | None) -> Path:
    """A sample project of our own."""
    path = folder / "sample.gpkg"
    if made is None:
        make_sample_project(path, "en")
    else:
        shutil.copy(made, path)
        shutil.copytree(made.with_suffix(".rasters"), path.with_suffix(".rasters"))
    return path


def measure(path: Path, hours: float) -> None:
    make_application()
    window = MainWindow(Settings(), "en")
    window.tasks.told.connect(lambda error: sys.exit(error.say("en")))
    window.tasks.crashed.connect(sys.exit)
    window.resize(1600, 1000)
    window.show()
    watch = Watch(window)
    tell("the sample project opens", watch.gaps(lambda: window.files.open_path(path)))
    window.go_to("hazard")
    for hazard in ("flood", "earthquake", "fire", "inundation"):
        window.choice.take_hazard(hazard)
        watch.settle()
        name = f"a flood of {hours:g} h runs" if hazard == "inundation" else f"the model of {hazard} runs"
        asked = run_of(window, hazard, hours)
        tell(name, watch.gaps(lambda asked=asked: window.workspaces.risk.run(asked)))
    floods = set_of(window, hours)
    tell("a set of two floods runs", watch.gaps(lambda: window.workspaces.risk.scenario_sets.run(floods)))
    window.go_to("shelters")
    form = window.workspaces.shelters.form
    epicentre = run_of(window, "inundation", hours).model.places[0]
    for kind in ("everyone", "earthquake"):
        form.kind.setCurrentIndex(form.kind.findData(kind))
        form.place.take(*epicentre)
        watch.settle()
        tell(f"shelters for {kind} are found", watch.gap(window.workspaces.shelters.solve))
    edit_all(window, watch)
    window.close()


def edit_all(window: MainWindow, watch: Watch) -> None:
    """Edits of every building."""
    entry = window.stack.entry("building")
    assert entry is not None
    window.workbench.table.show_layer(entry)
    window.docks["table"].show()
    window.workbench.calculating.ask()
    page = window.workbench.calculating.page
    names = [field.name for field in window.workbench.fields("building")]
    page.field.setCurrentIndex(names.index("floor_area"))
    page.formula.setText("floor_area * 1.1")
    page.scopes["all"].setChecked(True)
    tell(f"a field of {entry.rows:,} buildings is reckoned", watch.gap(page.accept))
    tell("that is undone", watch.gap(window.undo))
    buildings = by_expression(window.desk.project, "building", "floor_area >= 0 or floor_area is null")
    count = f"{len(buildings):,} buildings"
    tell(f"{count} are selected, the table open", watch.gap(lambda: window.stage.choose((buildings,))))
    tell(f"{count} are deleted", watch.gap(window.workbench.delete))
    tell(f"the deletion of {count} is undone", watch.gap(window.undo))


def run_of(window: MainWindow, hazard: str, hours: float) -> Run:
    """A run with the numbers of the form; a flood comes out of a levee."""
    model, vulnerability = chosen_models(window.desk.project, hazard)
    if hazard == "inundation":
        levee = window.desk.project.read("levee").shapes.xy
        model = InundationScenario((tuple(levee[len(levee) // 2].tolist()),), duration=hours)
    return Run(hazard, model, vulnerability)


def set_of(window: MainWindow, hours: float) -> ScenarioSet:
    """One breach, two return periods."""
    model = run_of(window, "inundation", hours).model
    ((x, y),) = model.places
    base = replace(model, places=(), cell=60.0)
    return ScenarioSet(
        base, (BreachPlace("1", x, y),), (ReturnPeriod(20.0, 300.0), ReturnPeriod(100.0, 800.0))
    )


def tell(case: str, found: Found | list[Found]) -> None:
    all_found = found if isinstance(found, list) else [found]
    rows = [(f"longest gap while {case}", "ms", median(each.gap for each in all_found))]
    if len(all_found) > 1:
        worst = f"longest gap while {case}, worst of {len(all_found)}"
        rows += [(worst, "ms", max(each.gap for each in all_found))]
    rows += [(f"taken by the host while {case}", "ms", max(each.stolen for each in all_found))]
    rows += [(case, "s", median(each.took for each in all_found))]
    for name, unit, ours in rows:
        row = {"case": name, "unit": unit, "ours": round(ours, 1), "peer": None, "peer_name": None}
        print(json.dumps({**row, "ratio": None}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
