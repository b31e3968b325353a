"""Large edits beside the window: many rows in a task, and no garbage looked for meanwhile."""

import gc
from typing import Any

import pytest

from app import garbage

Bench = Any


def test_no_garbage_is_looked_for_while_many_rows_are_in_hand() -> None:
    garbage.begin()
    assert gc.isenabled()

    def work(progress: object) -> list[dict[str, int]]:
        assert not gc.isenabled()
        garbage.unsought(lambda _: None)(lambda _: None)  # another ends meanwhile
        assert not gc.isenabled()
        return [{"n": n} for n in range(1000)]

    assert len(garbage.unsought(work)(lambda fraction: None)) == 1000
    assert gc.isenabled()


def test_it_is_looked_for_again_after_an_error() -> None:
    garbage.begin()

    def fail(progress: object) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        garbage.unsought(fail)(lambda fraction: None)
    assert gc.isenabled()


def test_many_features_are_deleted_beside_the_window_and_come_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("app.editing.deleting.MANY", "app.editing.workbench.MANY", "app.main_window.LARGE"):
        monkeypatch.setattr(limit, 1)
    before = dict(bench.project.table("township").items())
    chosen = list(before)[1:4]
    bench.window.workbench.select("township", chosen)
    bench.settle()
    bench.do("delete")
    bench.settle()
    assert set(bench.project.table("township")) == set(before) - set(chosen)
    assert bench.window.stage.selection == ()
    bench.do("undo")
    bench.settle()
    assert dict(bench.project.table("township").items()) == before
