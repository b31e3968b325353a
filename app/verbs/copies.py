"""What the verbs of working copies do: fetch a project from a network drive, send it back."""

import argparse
from typing import Any

from app.reckoning import Reckoning
from app.verbs.packages import ask, choices_of
from app.verbs.shared import opened
from layers.editing import EditSession
from layers.errors import BadInput, MissingFile
from layers.storage import working_copy
from layers.storage.renewal import compare, renewed
from layers.storage.working_copy import WorkingCopy
from layers.words import say


def fetch(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Make the local working copy of a project, or find it again."""
    copy = working_copy.fetch(options.project, reckoning.progress("cli.fetching"))
    unsent = copy.unsent
    reckoning.tell("cli.fetched", path=copy.path, unsent=unsent, date=copy.date)
    return {"project": copy.original, "copy": copy.path, "unsent": unsent, "date": copy.date}


def send(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Put the working copy in its original's place, with `--merge` after what was done there meanwhile."""
    copy = working_copy.find(options.project) or working_copy.of(options.project)
    if copy is None:
        raise MissingFile("copy_missing", path=options.project)
    progress = reckoning.progress("cli.sending")
    changes = 0
    try:
        sent = working_copy.send(copy, progress)
    except BadInput as error:
        if error.key != "original_changed" or not options.merge:
            raise
        copy, changes = _merged(copy, options, reckoning)
        sent = working_copy.send(copy, progress)
    reckoning.tell("cli.sent", path=sent.original, changes=changes)
    return {"project": sent.original, "copy": sent.path, "merged": changes}


def _merged(copy: WorkingCopy, options: argparse.Namespace, reckoning: Reckoning) -> tuple[WorkingCopy, int]:
    """The copy with what others did to the original, as one edit."""
    with opened(copy.path, write=True) as project:
        choices = choices_of(options.resolve)
        found = compare(copy, project, choices, reckoning.progress("cli.comparing"))
        if found.merged.undecided:
            ask(found.merged, choices, copy.original.with_suffix(".conflicts.json"), reckoning)
        for title in found.left:
            reckoning.warn("notice.copy_left", title=title)
        edit = renewed(found, project, say("edit.renew", reckoning.language))
        if edit is not None:
            EditSession(project).do(edit)
    return working_copy.keep(copy, found.checksum), len(edit.changes) if edit is not None else 0
