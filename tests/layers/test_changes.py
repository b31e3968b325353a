"""What many edits come to: how many rows are other, and which lines of a journal make the difference."""

import random
from collections.abc import Sequence

import pytest

from layers.changes import Change, ColumnChanges, Edit, net, rows_changed
from layers.editing import EditSession
from layers.project import MemoryProject
from layers.siting.noted import standing

SEEDS = range(60)


def test_rows_that_changed_are_as_many_as_their_net_changes() -> None:
    counts = set()
    for seed in SEEDS:
        edits = random_edits(random.Random(seed))
        assert rows_changed(edits, "t") == len(net(Edit("", edit.of("t")) for edit in edits))
        counts.add(rows_changed(edits, "t"))
    assert len(counts) > 4


def test_changed_rows_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = list("abcd")
    other = ColumnChanges("t", ("n",), keys, ([1, 2, 3, 4],), ([2, 3, 4, 5],))
    gone = ColumnChanges("t", ("n",), keys[1:], ([3, 4, 5],), None)

    def refuse(self: ColumnChanges) -> None:
        raise AssertionError("a change a row")

    monkeypatch.setattr(ColumnChanges, "__iter__", refuse)
    assert rows_changed([Edit("", other)], "t") == 4
    assert rows_changed([Edit("", other), Edit("", gone)], "t") == 4
    assert rows_changed([Edit("", ~gone), Edit("", gone)], "t") == 0
    assert rows_changed([Edit("", other), Edit("", other[:3]), Edit("", ~other[:2])], "t") == 2
    assert rows_changed([Edit("", other), Edit("", ~other)], "t") == 0


def test_lines_that_were_taken_back_make_no_difference() -> None:
    left = set()
    for seed in SEEDS:
        chance = random.Random(seed)
        project = MemoryProject({"t": {}})
        session = EditSession(project)
        for n in range(24):
            deed = chance.choice(["do", "do", "undo", "redo"])
            if deed == "do":
                session.do(Edit("", (step(project, chance.choice("abc"), n),)))
            else:
                session.undo() if deed == "undo" else session.redo()
        entries = list(project.journal())
        for number in (0, len(entries) // 2, len(entries)):
            lines = standing(project.deeds(), number)
            after = net(entry.edit for entry in entries if entry.number > number)
            assert as_found(net(project.entry(line).edit for line in lines)) == as_found(after)
            left.add(len(entries) - number - len(lines))
    assert max(left) > 6


def step(project: MemoryProject, key: str, n: int) -> Change:
    """Another state of a row: it comes, goes, or is other."""
    held = project.table("t").get(key)
    return Change("t", key, held, None if held is not None and n % 3 == 0 else {"n": n})


def as_found(changes: Sequence[Change]) -> set[str]:
    return set(map(repr, sorted(changes, key=lambda each: each.key)))


def random_edits(chance: random.Random) -> list[Edit]:
    """Edits by row and by column of a few rows, one after the other."""
    rows = {key: {"n": 0, "m": 0} for key in "abcdef"}
    return [random_edit(chance, rows) for _ in range(chance.randint(1, 6))]


def random_edit(chance: random.Random, rows: dict[str, dict[str, int]]) -> Edit:
    keys = [key for key in "abcdefgh" if chance.random() < 0.5]
    there, away = [key for key in keys if key in rows], [key for key in keys if key not in rows]
    kind = chance.choice(["by row", "other", "come", "go", "elsewhere"])
    if kind == "other" and there:
        before = [rows[key]["n"] for key in there]
        after = [(n + chance.randint(1, 2)) % 3 for n in before]
        rows.update({key: {**rows[key], "n": n} for key, n in zip(there, after, strict=True)})
        return Edit("", ColumnChanges("t", ("n",), there, (before,), (after,)))
    if kind in {"come", "go"} and (away if kind == "come" else there):
        chosen = away if kind == "come" else there
        cells = tuple([rows.get(key, {"n": 0, "m": 0})[name] for key in chosen] for name in ("n", "m"))
        for key, row in zip(chosen, zip(*cells, strict=True), strict=True):
            rows.pop(key) if kind == "go" else rows.update({key: dict(zip(("n", "m"), row, strict=True))})
        changes = ColumnChanges("t", ("n", "m"), chosen, None, cells)
        return Edit("", changes if kind == "come" else ~changes)
    if kind == "elsewhere":
        return Edit("", (Change("u", "a", None, {"n": 1}),))
    changed = [(key, rows[key], {**rows[key], "m": 1 - rows[key]["m"]}) for key in there]
    rows.update({key: after for key, _, after in changed})
    return Edit("", tuple(Change("t", *each) for each in changed))
