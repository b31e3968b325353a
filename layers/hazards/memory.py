"""Results that are remembered as long as the project is as it was."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from layers.hazards.source import Source

Result = TypeVar("Result")


@dataclass
class _Memory:
    """Results of one state of a project."""

    state: object
    results: dict[tuple[object, ...], Any] = field(default_factory=dict)


_MEMORIES: "WeakKeyDictionary[Source, _Memory]" = WeakKeyDictionary()


def remembered(project: Source, key: tuple[object, ...], make: Callable[[], Result]) -> Result:
    """A result again, as long as the project is as it was; a sheet series asks for the same many times.

    Parameters
    ----------
    project : Source
        One without a file is never remembered.
    key : tuple
        What was asked for.
    make : callable
        Makes the result when it is not at hand.
    """
    state = _state_of(project)
    if state is None:
        return make()
    memory = _MEMORIES.get(project)
    if memory is None or memory.state != state:
        memory = _MEMORIES[project] = _Memory(state)
    if key not in memory.results:
        memory.results[key] = make()
    result: Result = memory.results[key]
    return result


def _state_of(project: Source) -> object:
    """Size and time of the project's files: every edit changes one. None for a project without file."""
    path = getattr(project, "path", None)
    if path is None:
        return None
    files = (Path(path), Path(f"{path}-wal"))
    return tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists())
