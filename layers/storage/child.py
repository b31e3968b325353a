"""Work in a process of its own: whatever it does to GDAL, memory or the interpreter's lock, the window lives.

A child is asked in a folder and answers there, in JSON; layers and arrays lie on the shelf beside it. No
pickle. Known errors come back as such; a child whose parent is gone ends itself.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from layers import errors
from layers.errors import BadInput, KnownError
from layers.progress import Progress, ignore

_ASKED, _ANSWER, _FRACTION = "asked.json", "answer.json", "fraction"
_LOOK, _SELDOM = 0.01, 0.1
"""Seconds between two looks at the child, at first and in a long work: each look asks for the lock."""
_TELL = 0.05
_CACHE = "128"
"""Megabytes of GDAL's cache; its own measure is a twentieth of the machine's memory."""

_KINDS: dict[str, type[KnownError]] = {
    kind.__name__: kind
    for kind in (BadInput, errors.MissingFile, errors.CannotWrite, errors.UnknownCrs, errors.NewerProject)
}

Work = Callable[[Mapping[str, Any], Path, Progress], dict[str, Any]]
"""What a child does: it is given what was asked, the folder and a listener, and returns its answer."""


class Child:
    """A process of this Python that runs a module whose main calls `serve`.

    It is started when it is first asked, and again if it has died.

    Parameters
    ----------
    module : str
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(
        self, asked: Mapping[str, Any], folder: Path, progress: Progress = ignore
    ) -> dict[str, Any] | None:
        """Ask, and wait for the answer or the child's death.

        Parameters
        ----------
        asked : mapping
            Plain values.
        folder : Path
            For this question alone.
        progress : Progress
            Told what the child has told; if it raises, the child is ended.

        Returns
        -------
        dict or None
            None if the child died.

        Raises
        ------
        KnownError
            As the child's work.
        """
        (folder / _ASKED).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = _start(self._module)
        try:
            self._wait(self._process, folder, progress)
        except BaseException:
            self.end()
            raise
        return _answer(folder / _ANSWER)

    def end(self) -> None:
        """End the process at once, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.close()

    def _wait(self, process: "subprocess.Popen[bytes]", folder: Path, progress: Progress) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it died before it was asked
            process.stdin.write(f"{folder}\n".encode())
            process.stdin.flush()
        fraction, pause = 0.0, _LOOK
        while process.poll() is None and not (folder / _ANSWER).exists():
            fraction = _fraction(folder / _FRACTION, fraction)
            progress(fraction)
            time.sleep(pause)
            pause = min(1.2 * pause, _SELDOM)


def _start(module: str) -> "subprocess.Popen[bytes]":
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return subprocess.Popen(  # noqa: S603  # this Python, one of our modules
        [sys.executable, "-m", module],
        env={"GDAL_CACHEMAX": _CACHE, **os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # on Windows
    )


def _answer(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if "error" in answer:
        raise _KINDS.get(answer["error"], BadInput)(answer["key"], **answer["facts"])
    return answer


def _fraction(path: Path, before: float) -> float:
    """What the child has told last; it may be writing just now."""
    try:
        return float(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return before


def stand_back() -> None:
    """Let the window go before this process, and not be cut short by it, where the system knows of that."""
    with suppress(AttributeError, OSError):
        os.nice(5)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def serve(work: Work) -> None:
    """In the child: do the work for every folder of which standard input tells, until it ends.

    What `work` raises that is no known error ends the child.
    """
    stand_back()
    folders: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(folders,), daemon=True).start()
    while True:
        _serve(work, Path(folders.get()))


def _listen(folders: "SimpleQueue[str]") -> None:
    for line in sys.stdin.buffer:
        folders.put(line.decode().rstrip("\r\n"))
    os._exit(0)  # the parent is gone, and with it whoever wanted an answer


def _serve(work: Work, folder: Path) -> None:
    asked = json.loads((folder / _ASKED).read_text(encoding="utf-8"))
    try:
        answer = work(asked, folder, _teller(folder / _FRACTION))
    except KnownError as error:
        facts = {name: _plain(value) for name, value in error.facts.items()}
        answer = {"error": type(error).__name__, "key": error.key, "facts": facts}
    draft = folder / f"{_ANSWER}.new"
    draft.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / _ANSWER)


def _plain(fact: object) -> int | float | str:
    value = fact.item() if isinstance(fact, np.generic) else fact
    return value if isinstance(value, int | float) else str(value)


def _teller(path: Path) -> Progress:
    told = 0.0

    def tell(fraction: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _TELL:
            told = now
            with suppress(OSError):  # a full disk is told by the work itself
                path.write_text(f"{fraction:.5f}", encoding="ascii")

    return tell
