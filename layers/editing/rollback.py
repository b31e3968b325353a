"""One edit of long ago taken back, if nothing later depends on it."""

from layers.changes import Change, Edit, Row, net
from layers.errors import BadInput
from layers.project import Entry, Project


def roll_back(project: Project, number: int, name: str) -> Edit:
    """The edit that takes back what one entry of the journal did, and leaves all later work alone.

    Later edits of *other* fields of the same features do not stand in the way.

    Parameters
    ----------
    project : Project
    number : int
        Of the entry.
    name : str
        Of the edit made.

    Raises
    ------
    KeyError
        The journal has no such entry.
    BadInput
        Later edits changed the same fields or rows; the facts name them. Or nothing is left to take back.
    """
    entry = project.entry(number)
    changes: list[Change] = []
    for change in net([entry.edit]):
        now = _row(project, change.table, change.key)
        before = _taken_back(change, now)
        if before is _DEPENDS:
            raise BadInput("rollback_depends", number=number, later=_later(project, entry, change))
        if before != now:
            changes.append(Change(change.table, change.key, now, before))
    if not changes:
        raise BadInput("rollback_nothing", number=number)
    return Edit(name, tuple(reversed(changes)))


def _row(project: Project, table: str, key: str) -> Row | None:
    try:
        return project.table(table).get(key)
    except KeyError:  # the layer is off the list
        return None


_DEPENDS: Row = {"": "a later edit depends on it"}


def _taken_back(change: Change, now: Row | None) -> Row | None:
    """The row without the change; `_DEPENDS` if later work stands on it."""
    if change.before is None or change.after is None:
        return change.before if now == change.after else _DEPENDS
    if now is None:
        return _DEPENDS
    row = dict(now)
    for field in change.after:
        was, became = change.before.get(field), change.after[field]
        if was == became:
            continue
        if now.get(field) not in (became, was):
            return _DEPENDS
        row[field] = was
    return row


def _later(project: Project, entry: Entry, change: Change) -> str:
    """The later entries that touch the row: number, time, who, name."""
    found = []
    for number, _ in project.deeds():
        if number > entry.number:
            later = project.entry(number)
            if later.edit.change_of(change.table, change.key) is not None:
                found.append(f"{number} {later.time} {later.who} {later.edit.name}".strip())
    return "；".join(found[:5])
