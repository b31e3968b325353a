"""What a verb tells while it works and when it is done: to a person, or to a machine."""

import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.progress import Progress
from layers.words import Language, say


class Reckoning:
    """The voice of the command line.

    Parameters
    ----------
    language : {"zh_CN", "en"}
    machine : bool
        One JSON object at the end on stdout, nothing before it.
    """

    def __init__(self, language: Language, *, machine: bool = False) -> None:
        self.language = language
        self.machine = machine
        self.left: dict[str, Any] = {}
        self._bar_shown = False

    def tell(self, key: str, **facts: object) -> None:
        """One line for a person."""
        self._clear_bar()
        if not self.machine:
            print(say(key, self.language, **facts), flush=True)

    def show(self, text: str) -> None:
        """Text that is the answer itself: a table."""
        self._clear_bar()
        if not self.machine:
            print(text, end="", flush=True)

    def wrote(self, path: Path) -> None:
        """A file was written."""
        self.tell("cli.wrote", path=path)

    def warn(self, key: str, **facts: object) -> None:
        """One line on stderr about what a person should know; the answer itself stays clean."""
        self._clear_bar()
        if not self.machine:
            print(say(key, self.language, **facts), file=sys.stderr, flush=True)

    def progress(self, key: str, **facts: object) -> Progress:
        """A bar for one step; silent when nobody looks."""
        if self.machine or not sys.stderr.isatty():
            return _silent
        title, last = say(key, self.language, **facts), [0.0]

        def report(fraction: float) -> None:
            now = time.monotonic()
            if now - last[0] > 0.1 or fraction >= 1:
                last[0] = now
                filled = round(30 * min(max(fraction, 0), 1))
                sys.stderr.write(f"\r{'█' * filled}{'░' * (30 - filled)} {fraction:4.0%} {title}\x1b[K")
                sys.stderr.flush()
                self._bar_shown = True

        return report

    def fail(self, sentence: str, key: str) -> None:
        """One clear line on stderr; for a machine also an object, with what was `left` to be told."""
        self._clear_bar()
        line = " ".join(sentence.split())
        print(f"riskatlas: {line}", file=sys.stderr)
        if self.machine:
            print(as_json({"error": key, "message": line, **self.left}))

    def close(self, result: dict[str, Any]) -> None:
        """The end of a verb that did all it should."""
        self._clear_bar()
        if self.machine:
            print(as_json(result), flush=True)

    def _clear_bar(self) -> None:
        if self._bar_shown:
            sys.stderr.write("\r\x1b[K")
            self._bar_shown = False


def as_json(result: Mapping[str, Any]) -> str:
    """One object that every reader of JSON takes: what is no number is null, paths are text."""
    return json.dumps(_plain(result), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    value = value.item() if hasattr(value, "item") else value  # numpy's
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def _silent(fraction: float) -> None:
    """Nobody looks."""
