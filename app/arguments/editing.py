"""The words of the verbs that check, hand out, merge, and take back."""

from pathlib import Path

from app.arguments.parts import Verb, add_out, add_project, add_resolve


def editing_words(verb: Verb) -> None:
    """Quality, work packages, working copies, the journal."""
    look = add_project(verb("check", "quality rules: one line a finding"))
    look.add_argument("--layer", default="", help="name or title; all by default")
    look.add_argument("--rules", type=Path, help="rules as TOML instead of the project's")
    look.add_argument("--fix", action="store_true", help="carry out the safe fixes as one edit")
    add_out(look, None, "XLSX or CSV of the findings")
    _packages(verb)
    _copies(verb)
    _journal(verb)


def _packages(verb: Verb) -> None:
    lend = add_project(verb("checkout", "hand a region's work package out"))
    lend.add_argument("--region", required=True, metavar="CODE")
    lend.add_argument("out", type=Path, metavar="OUT.gpkg")
    home = add_project(verb("merge", "bring a work package home"))
    home.add_argument("returned", type=Path, metavar="RETURNED.gpkg")
    add_resolve(home)
    home.add_argument("--skip-outside", action="store_true", help="leave out edits outside the region")


def _copies(verb: Verb) -> None:
    add_project(verb("fetch", "copy a project from a network drive to work on it here"))
    sent = add_project(verb("send", "put the working copy in its original's place, whole"))
    sent.add_argument("--merge", action="store_true", help="merge what others did there meanwhile")
    add_resolve(sent)


def _journal(verb: Verb) -> None:
    told = add_project(verb("log", "every edit: number, time, who, what"))
    told.add_argument("--layer", default="", help="with --uuid: what happened to one feature")
    told.add_argument("--uuid", default="")
    back = add_project(verb("undo", "take the last edit back"))
    back.add_argument("--number", type=int, help="an old edit instead, if nothing later depends on it")
    add_project(verb("redo", "do again what was undone"))
