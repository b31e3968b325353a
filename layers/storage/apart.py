"""Work in a process of its own, asked for in one call: known errors come back, a bug with its trace.

Work on a city holds the interpreter's lock for seconds on end, in GDAL, pandas and shapely. The window lets
it run apart: it answers as ever, cancelled work stops at once, and work that dies leaves all as it was.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from layers.errors import KnownError
from layers.layer import Layer
from layers.progress import Progress, ignore
from layers.storage.child import Child, Work, serve
from layers.storage.passing import in_passing
from layers.storage.shelf import lay, take_layer

T = TypeVar("T")

Laid = Mapping[str, Any]
"""What a child answers: plain values. What is larger lies in the folder."""


def apart(
    module: str,
    work: str,
    asked: Mapping[str, Any],
    make: Callable[[Laid, Path], T],
    progress: Progress = ignore,
    look: Callable[[Path], object] | None = None,
    give: Callable[[Path], object] | None = None,
) -> T:
    """Have work done in a process of its own, and make something of what it answers.

    Parameters
    ----------
    module : str
        Its main calls `serve_works`.
    work : str
        One of them.
    asked : mapping
        Plain values.
    make : callable
        Given the answer and the folder of the work.
    progress : Progress
        Told what the work has told; if it raises, the process is ended.
    look : callable, optional
        Given the folder now and then: the work may tell more in it.
    give : callable, optional
        Given the folder before the work begins: it lays there what is too large for `asked`.

    Returns
    -------
    object
        The folder goes when this does.

    Raises
    ------
    KnownError
        As the work; and if the process died.
    """

    def made(folder: Path) -> T:
        def follow(fraction: float) -> None:
            progress(fraction)
            if look is not None:
                look(folder)

        if give is not None:
            give(folder)
        with Child(module) as child:
            answer = child.ask({"work": work, **asked}, folder, follow)
        if answer is None:
            raise KnownError("run_died")
        if "bug" in answer:
            raise RuntimeError(answer["bug"])
        return make(answer, folder)

    return in_passing(made)


def serve_works(works: Mapping[str, Work]) -> None:
    """In the child: do the work of that name whenever it is asked for; a bug is told with its trace."""
    serve(lambda asked, folder, progress: _told(works[asked["work"]], asked, folder, progress))


def _told(work: Work, asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    try:
        return work(asked, folder, progress)
    except KnownError:
        raise
    except MemoryError as error:
        raise KnownError("run_too_large") from error
    except Exception:
        return {"bug": traceback.format_exc()}


def lay_all(layers: Sequence[Layer], folder: Path) -> dict[str, Any]:
    """Lay layers down; returns what `take_all` needs, a part of the answer."""
    for number, layer in enumerate(layers):
        lay(layer, folder, f"layer_{number}")
    return {"layers": len(layers)}


def take_all(answer: Laid, folder: Path) -> list[Layer]:
    """The layers that `lay_all` laid down."""
    return [take_layer(folder, f"layer_{number}") for number in range(answer["layers"])]
