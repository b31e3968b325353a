"""Going to a point of the history is the same as undoing and redoing step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.project import MemoryProject


def session_of(count: int) -> EditSession:
    session, before = EditSession(MemoryProject({"county": {}})), None
    for number in range(1, count + 1):
        after = {"name": str(number)}
        session.do(Edit(str(number), (Change("county", "k", before, after),)))
        before = after
    return session


@given(st.lists(st.integers(0, 6), max_size=6))
def test_the_project_is_as_it_was_after_that_edit(visits: list[int]) -> None:
    session = session_of(6)
    for number in visits:
        steps = list(session.go_to(number))
        assert len(steps) <= 6
        wanted = {"k": {"name": str(number)}} if number else {}
        assert dict(session.project.table("county")) == wanted
        assert session.done == tuple(range(1, number + 1))
        assert session.undone == tuple(range(number + 1, 7))
    assert EditSession(session.project).done == session.done


def test_one_may_stop_on_the_way_and_a_stranger_is_refused() -> None:
    session = session_of(4)
    way = session.go_to(1)
    next(way)
    assert session.done == (1, 2, 3)
    with pytest.raises(KeyError):
        next(session.go_to(9))
