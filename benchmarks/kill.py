"""The kill test: a process edits as fast as it can and is killed at a random moment, again and again.

    python benchmarks/kill.py --kills 500 [--features 20000] [--seed 1] [--quick] [--json]

After every kill the file must open, pass SQLite's own check, open in GDAL, and hold every edit that was
acknowledged and no half of one: its rows are compared with those of a plain dictionary that lived the same
life. Then the world is made hostile: a full disk, a limit on the size of files, a place that is read-only, a
clock that runs backwards, a file that vanishes under the writer. The last line is one JSON object; exit
status 1 if anything was lost.
"""

import argparse
import json
import os
import random
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from layers.changes import Change, ColumnChanges, Edit, Row
from layers.editing import EditSession
from layers.errors import KnownError
from layers.layer import Field, Shapes, VectorLayer
from layers.project import Deed
from layers.storage import journal
from layers.storage.geopackage import ProjectFile, load

TABLE = "village"
COLUMNS = ("geom", "name", "population")
SMALL = 24  # MB of the small disk
LIFETIME = 120  # seconds of the processor, after which a child that nothing stopped is stopped: a fault


# --- the life that a project leads ---------------------------------------------------------------------


@dataclass
class Life:
    """A plain dictionary and the edits that a seed makes of it: the same in the child and in its judge."""

    rows: dict[str, Row]
    seed: int
    keys: list[str] = field(default_factory=list)
    done: list[Edit] = field(default_factory=list)
    undone: list[Edit] = field(default_factory=list)
    count: int = 0
    last: Edit | None = None

    def __post_init__(self) -> None:
        self.keys = sorted(self.rows)

    def next(self) -> tuple[Deed, Edit]:
        """What happens next; `live` makes it happen."""
        chance = random.Random(self.seed * 1_000_003 + self.count)
        luck = chance.random()
        if luck < 0.10 and self.done:
            return "undo", ~self.done[-1]
        if luck < 0.15 and self.undone:
            return "redo", self.undone[-1]
        make = chance.choices([self._alter, self._move, self._add, self._remove, self._many], [5, 3, 2, 1, 1])
        large = self._column if luck > 0.95 else self._gone if luck > 0.92 else self._come
        made = large(chance) if luck > 0.89 else tuple(make[0](chance))
        return "do", Edit(f"编辑 {self.count}", made)

    def live(self, deed: Deed, edit: Edit) -> None:
        """Carry out."""
        gone = set()
        for change in edit.changes:
            row = self.rows.get(change.key, {})
            assert {**row, **(change.before or {})} == row, change.key
            if change.after is None:
                del self.rows[change.key]
                gone.add(change.key)
            else:
                if change.before is None:
                    self.keys.append(change.key)
                self.rows[change.key] = {**row, **change.after}
        self.keys = [key for key in self.keys if key not in gone] if gone else self.keys
        if deed == "undo":
            self.undone.append(self.done.pop())
        else:
            self.done.append(self.undone.pop() if deed == "redo" else edit)
            if deed == "do":
                self.undone.clear()
        self.count, self.last = self.count + 1, edit

    def _alter(self, chance: random.Random) -> Iterator[Change]:
        key = chance.choice(self.keys)
        row = self.rows[key]
        yield Change(TABLE, key, row, {**row, "name": f"村{self.count}", "population": self.count})

    def _move(self, chance: random.Random) -> Iterator[Change]:
        key = chance.choice(self.keys)
        row = self.rows[key]
        yield Change(
            TABLE, key, row, {**row, "geom": _square(chance.uniform(0, 9e4), chance.uniform(0, 9e4))}
        )

    def _add(self, chance: random.Random) -> Iterator[Change]:
        geom = _square(chance.uniform(0, 9e4), chance.uniform(0, 9e4))
        yield Change(TABLE, f"new-{self.count}", None, {"geom": geom, "name": "新村", "population": 1})

    def _remove(self, chance: random.Random) -> Iterator[Change]:
        key = chance.choice(self.keys)
        yield Change(TABLE, key, self.rows[key], None)

    def _many(self, chance: random.Random) -> Iterator[Change]:
        for key in sorted(set(chance.choices(self.keys, k=chance.randint(2, 200)))):
            row = self.rows[key]
            yield Change(TABLE, key, row, {**row, "population": self.count})

    def _column(self, chance: random.Random) -> ColumnChanges:
        keys = sorted(set(chance.choices(self.keys, k=chance.randint(2, 2000))))
        before = tuple([self.rows[key][column] for key in keys] for column in ("name", "population"))
        after = [f"列{self.count}"] * len(keys), [*range(self.count, self.count + len(keys))]
        return ColumnChanges(TABLE, ("name", "population"), keys, before, after)

    def _gone(self, chance: random.Random) -> ColumnChanges:
        keys = sorted(set(chance.choices(self.keys, k=chance.choice([5, 300, 3000]))))[: len(self.keys) // 2]
        cells = tuple([self.rows[key][column] for key in keys] for column in COLUMNS)
        return ColumnChanges(TABLE, COLUMNS, keys, cells, None)

    def _come(self, chance: random.Random) -> ColumnChanges:
        keys = [f"new-{self.count}-{number}" for number in range(chance.choice([5, 300, 3000]))]
        squares = [_square(chance.uniform(0, 9e4), chance.uniform(0, 9e4)) for _ in keys]
        cells = squares, [f"新村{self.count}"] * len(keys), [*range(len(keys))]
        return ColumnChanges(TABLE, COLUMNS, keys, None, cells)


def _square(x: float, y: float) -> bytes:
    box = shapely.box(350_000 + x, 4_120_000 + y, 350_040 + x, 4_120_030 + y)
    return bytes(shapely.to_wkb(shapely.MultiPolygon([box]), byte_order=1))


def begin(path: Path, features: int, seed: int) -> Life:
    """A project with one layer, and its dictionary."""
    side = int(np.ceil(np.sqrt(features)))
    x, y = (np.arange(features) % side) * 60.0, (np.arange(features) // side) * 60.0
    shapes = Shapes.of(shapely.box(350_000 + x, 4_120_000 + y, 350_040 + x, 4_120_030 + y))
    table = pd.DataFrame(
        {
            "name": [f"村{n}" for n in range(features)],
            "population": np.arange(features),
            "uuid": [f"old-{n:06}" for n in range(features)],
        }
    )
    fields = (Field("name"), Field("population", "integer"))
    with ProjectFile.create(path) as project:
        layer = VectorLayer(TABLE, "", project.crs, shapes, table, "村", fields)
        project.apply(load("导入", [layer], project))
        return Life(held(project), seed)


def held(project: ProjectFile) -> dict[str, Row]:
    """All rows of the layer."""
    layer = project.read(TABLE)
    wkb = shapely.to_wkb(layer.shapes.geometries(), byte_order=1)
    columns = (layer["uuid"], wkb, layer["name"], layer["population"])
    return {
        str(key): {"geom": geom, "name": name, "population": int(population)}
        for key, geom, name, population in zip(*columns, strict=True)
    }


def edit_on(path: Path, life: Life, told: int) -> None:
    """The child: edits, undoes, now and then closes and opens; each deed is told when it is acknowledged."""
    while True:
        with ProjectFile.open(path) as project:
            session = EditSession(project)
            for _ in range(random.Random(life.count).randint(1, 400)):
                deed, edit = life.next()
                made = (
                    session.do(edit) if deed == "do" else session.undo() if deed == "undo" else session.redo()
                )
                os.write(told, b".")
                life.live(deed, edit)
                assert made == edit, "the session undid another edit"


def in_child(work: Callable[[int], None]) -> tuple[int, int]:
    """Run `work` in a child whose words are counted; returns its process and the end to read."""
    read_end, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        status = 1
        resource.setrlimit(resource.RLIMIT_CPU, (LIFETIME, LIFETIME))
        try:
            work(told)
            status = 0
        except KnownError as error:
            os.write(told, f"!{error.key}".encode())
            status = 0
        except BaseException as bug:
            print(f"the child failed: {bug!r}", file=sys.stderr)
        finally:
            os._exit(status)
    os.close(told)
    return child, read_end


def answer(child: int, read_end: int) -> tuple[int, str, int]:
    """How much the child acknowledged, the known error it ended with, and its exit status."""
    with os.fdopen(read_end, "rb") as rest:
        said = rest.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    count, _, error = said.partition(b"!")
    return len(count), error.decode(), status


# --- judging -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What a file holds after its writer died."""

    faults: tuple[str, ...]
    acknowledged: int
    unacknowledged: int = 0


def judge(path: Path, life: Life, acknowledged: int) -> Verdict:
    """Bring the dictionary as far as the child came and compare."""
    for _ in range(acknowledged):
        life.live(*life.next())
    faults = []
    try:
        with ProjectFile.open(path) as project:
            if project.read_only:
                faults.append(f"read-only: {project.why_read_only}")
            deeds = len(list(project.deeds())) - 1  # the first loaded the layer
            more = deeds - life.count
            if more not in {0, 1}:
                faults.append(
                    f"{-more} acknowledged edits are lost" if more < 0 else f"{more} edits too many"
                )
            for _ in range(max(more, 0)):
                life.live(*life.next())
            if held(project) != life.rows:
                faults.append("rows differ: half an edit, or a lost one")
            if life.last is not None and project.entry(life.count + 1).edit != life.last:
                faults.append("the journal's last edit is another")
    except KnownError as error:
        return Verdict((f"does not open: {error}",), acknowledged)
    faults += checks(path, len(life.rows))
    return Verdict(tuple(faults), acknowledged, max(more, 0))


def checks(path: Path, rows: int) -> list[str]:
    """The closed file in the eyes of SQLite and of GDAL."""
    faults = []
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        index = connection.execute(f"SELECT rtreecheck('rtree_{TABLE}_geom')").fetchone()
    finally:
        connection.close()
    if found != [("ok",)] or index != ("ok",):
        faults.append(f"integrity_check: {found[:3]}, rtreecheck: {index}")
    if pyogrio.read_info(path, layer=TABLE)["features"] != rows:
        faults.append("GDAL counts other features")
    if list(path.parent.glob(f"{path.name}-*")) or list(path.parent.glob(f".{path.name}*")):
        faults.append("a closed project is not one file")
    return faults


def kill_once(path: Path, life: Life, chance: random.Random) -> Verdict:
    """Let a child edit and kill it at a random moment: at opening, between edits, within one, at closing."""
    child, read_end = in_child(lambda told: edit_on(path, life, told))
    if chance.random() < 0.7:  # on a busy machine it would mostly die before its first edit
        select.select([read_end], [], [], 10.0)
    time.sleep(chance.choice([chance.uniform(0, 0.05), chance.uniform(0, 0.5)]))
    os.kill(child, signal.SIGKILL)
    acknowledged, error, status = answer(child, read_end)
    verdict = judge(path, life, acknowledged)
    if error or status != -signal.SIGKILL:
        return replace(verdict, faults=(*verdict.faults, f"ended by itself: {error or status}"))
    return verdict


# --- a hostile world -----------------------------------------------------------------------------------


def ended(path: Path, life: Life, prepare: Callable[[], None], expected: set[str]) -> Verdict:
    """A child edits until the world stops it with a known error; then the world is well again."""

    def work(told: int) -> None:
        prepare()
        edit_on(path, life, told)

    acknowledged, error, status = answer(*in_child(work))
    verdict = judge(path, life, acknowledged)
    if error not in expected or status:
        return replace(verdict, faults=(*verdict.faults, f"ended with {error or status}, not {expected}"))
    return verdict


def limited(path: Path, life: Life) -> Verdict:
    """A limit on the size of files, a little above what the project has."""
    limit = path.stat().st_size + 300_000
    return ended(
        path,
        life,
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        {"disk_full", "disk_failed", "log_left"},
    )


def vanished(path: Path, life: Life) -> Verdict:
    """The files are closed under the writer, as when a stick is pulled: again and again, for the first time
    may fall between two openings, when there is nothing to pull."""

    def pull(*_: object) -> None:
        for link in Path("/proc/self/fd").iterdir():
            try:
                if str(link.readlink()).startswith(str(path)):
                    os.close(int(link.name))
            except OSError:
                continue

    def prepare() -> None:
        signal.signal(signal.SIGALRM, pull)
        signal.setitimer(signal.ITIMER_REAL, 0.4, 0.1)

    return ended(path, life, prepare, {"disk_failed", "log_left", "project_read_only"})


def backwards(path: Path, life: Life) -> Verdict:
    """The clock was set back by years, and runs backwards; the file's own times lie in the future."""

    class Clock(datetime):
        ticks = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            cls.ticks += 1
            return datetime(1999, 12, 31, tzinfo=UTC) - timedelta(seconds=cls.ticks)

    def work(told: int) -> None:
        journal.datetime = Clock  # type: ignore[misc]
        edit_on(path, life, told)

    os.utime(path, (4e9, 4e9))
    child, read_end = in_child(work)
    time.sleep(0.6)
    os.kill(child, signal.SIGKILL)
    acknowledged, error, _ = answer(child, read_end)
    verdict = judge(path, life, acknowledged)
    return replace(verdict, faults=(*verdict.faults, *([error] if error else [])))


def forbidden(path: Path, life: Life) -> Verdict:
    """A folder and a file that may only be read, in the hands of a user without rights."""

    def work(told: int) -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        with ProjectFile.open(path) as project:
            assert (project.read_only, project.why_read_only) == (True, "place")
            assert held(project) == life.rows
            project.apply(life.next()[1])

    modes = path.parent.stat().st_mode, path.stat().st_mode
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        acknowledged, error, status = answer(*in_child(work))
    finally:
        path.parent.chmod(modes[0])
        path.chmod(modes[1])
    verdict = judge(path, life, acknowledged)
    if (error, status) != ("project_read_only", 0):
        return replace(verdict, faults=(*verdict.faults, f"ended with {error or status}"))
    return verdict


def on_a_small_disk(seed: int) -> dict[str, Any]:
    """Fill a disk in a name space of its own, where a small tmpfs can be mounted; told if that cannot be."""
    with tempfile.TemporaryDirectory(prefix="riskatlas-kill-") as place:
        inner = [sys.executable, __file__, "--small-disk", place, "--seed", str(seed)]
        words = f"mount -t tmpfs -o size={SMALL}m tmpfs {place} && exec " + " ".join(inner)
        flags = "-m" if os.geteuid() == 0 else "-Urm"
        done = subprocess.run(
            ["unshare", flags, "sh", "-c", words], capture_output=True, text=True, check=False
        )
        if done.returncode not in {0, 1} or not done.stdout.strip():
            return {
                "case": "disk full",
                "skipped": "needs unshare and tmpfs",
                "why": done.stderr.strip()[-300:],
            }
        return dict(json.loads(done.stdout.splitlines()[-1]))


def on_the_small_disk(place: Path, seed: int) -> dict[str, Any]:
    """Edit until the disk is full; judge while it still is nearly so, after a ballast is thrown off."""
    ballast = place / "ballast"
    life = begin(place / "p.gpkg", 2_000, seed)
    faults: list[str] = []
    acknowledged = 0
    for _ in range(3):
        free = shutil.disk_usage(place).free
        ballast.write_bytes(b"\0" * max(free - 1_500_000, 0))
        child = in_child(lambda told: edit_on(place / "p.gpkg", life, told))
        count, error, status = answer(*child)
        ballast.unlink()
        verdict = judge(place / "p.gpkg", life, count)
        faults += verdict.faults
        acknowledged += count
        if error not in {"disk_full", "log_left"} or status:
            faults.append(f"ended with {error or status}, not disk_full")
    return {"case": "disk full", "acknowledged": acknowledged, "faults": faults}


# --- the whole -----------------------------------------------------------------------------------------


@contextmanager
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="riskatlas-kill-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def run(kills: int, features: int, seed: int) -> dict[str, Any]:
    """All of it; returns what is printed last."""
    started, chance = time.perf_counter(), random.Random(seed)
    faults: list[str] = []
    acknowledged = unacknowledged = 0
    with folder() as place:
        path = place / "衡水.gpkg"
        life = begin(path, features, seed)
        for number in range(1, kills + 1):
            verdict = kill_once(path, life, chance)
            acknowledged += verdict.acknowledged
            unacknowledged += verdict.unacknowledged
            faults += [f"kill {number}: {fault}" for fault in verdict.faults]
            if number % 50 == 0:
                print(f"{number} kills, {acknowledged} edits acknowledged, {len(faults)} faults", flush=True)
        hostile = []
        for case in (limited, vanished, backwards, forbidden):
            verdict = case(path, life)
            hostile.append(
                {"case": case.__name__, "acknowledged": verdict.acknowledged, "faults": verdict.faults}
            )
    hostile.append(on_a_small_disk(seed))
    for each in hostile:
        faults += [f"{each['case']}: {fault}" for fault in each.get("faults", ())]
    return {
        "case": "kill",
        "kills": kills,
        "features": features,
        "acknowledged": acknowledged,
        "committed_unacknowledged": unacknowledged,
        "lost": len(faults),
        "faults": faults[:20],
        "hostile": hostile,
        "seconds": round(time.perf_counter() - started, 1),
    }


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--features", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--quick", action="store_true", help="40 kills")
    options.add_argument("--json", action="store_true", help="the last line is JSON in any case")
    options.add_argument("--small-disk", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.small_disk:
        found = on_the_small_disk(asked.small_disk, asked.seed)
        print(json.dumps(found, ensure_ascii=False))
        return 1 if found["faults"] else 0
    found = run(min(asked.kills, 40) if asked.quick else asked.kills, asked.features, asked.seed)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
