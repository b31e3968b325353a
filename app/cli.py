"""The command line: parse, call, print. Every verb works without a display, on plain files.

Exit 0 only when all was done, 1 for a known error told in one line on stderr (with `--json` also as an
object on stdout), 2 for wrong usage. Nothing
here knows Qt: the window is imported when it is opened.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.arguments import parser
from app.reckoning import Reckoning
from app.verbs import verb
from layers.errors import KnownError, unreachable
from layers.words import Language, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `riskatlas` with these arguments (those of the process by default); returns the exit status."""
    options = parser().parse_args(arguments)
    reckoning = Reckoning(options.language, machine=options.json)
    if options.verb is None:
        return _open_window(None, options.language)
    if options.verb == "open":
        return _open_window(options.project, options.language)
    if options.verb == "open-sample":
        return _open_window(None, options.language, sample=True)
    try:
        result = verb(options.verb)(options, reckoning)
        reckoning.close(result)
    except KnownError as error:
        reckoning.fail(error.say(options.language), error.key)
        return 1
    except BrokenPipeError:
        return _unheard()
    except OSError as error:  # a path that the system takes for no file: too long, a folder, not ours
        failed = unreachable(error)
        reckoning.fail(failed.say(options.language), failed.key)
        return 1
    except KeyboardInterrupt:
        reckoning.fail(say("cli.cancelled", options.language), "cancelled")
        return 1
    return 0


def _unheard() -> int:
    """Who read the answer has gone (`| head`): nothing is wrong, and nothing more can be said."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _open_window(project: Path | None, language: Language | None, *, sample: bool = False) -> int:
    from app.application import run

    return run(project, language, sample=sample)


if __name__ == "__main__":
    sys.exit(main())
