"""Known errors: what went wrong outside the program, with the facts and a cure.

A *known error* is the world's fault (a file is torn, a disk is full): it is told in a sentence. Anything
else that is raised is a bug. Errors of GDAL, SQLite, PROJ and the solvers become known errors at the door
where they come in, nowhere else. The words stand in ``resources/words/*.csv``: for the key
``table_missing`` a row ``error.table_missing`` (what happened) and ``cure.table_missing`` (what to do).
"""

from layers.words import Language, say


class KnownError(Exception):
    """The root of all errors that riskatlas foresees.

    Parameters
    ----------
    key : str
        Names the words: ``error.KEY`` and ``cure.KEY``.
    **facts
        File, row, field, values: whatever the words have places for.
    """

    def __init__(self, key: str, **facts: object) -> None:
        self.key = key
        self.facts = facts
        super().__init__(key, facts)

    def say(self, language: Language) -> str:
        """What happened, and what to do about it, in one paragraph."""
        facts = {name: fact if language == "zh_CN" else _listed(fact) for name, fact in self.facts.items()}
        what = say(f"error.{self.key}", language, **facts)
        cure = say(f"cure.{self.key}", language, **facts)
        return f"{what}{'' if language == 'zh_CN' else ' '}{cure}"

    def __str__(self) -> str:
        """English, for logs and tracebacks."""
        return self.say("en")


def _listed(fact: object) -> object:
    """A fact that lists things as Chinese does, as English does; where it is made no language is known."""
    return fact.replace("、", ", ") if isinstance(fact, str) else fact


class BadInput(KnownError, ValueError):
    """A value, row or file from outside cannot be used as it is."""


class MissingLayer(BadInput, KeyError):
    """A project has no layer of that name, or none of the sort that is asked for.

    Parameters
    ----------
    layer : str
    """

    def __init__(self, layer: str) -> None:
        super().__init__("layer_missing", layer=layer)


class MissingColumn(BadInput, KeyError):
    """A layer has no column of that name.

    Parameters
    ----------
    layer, column : str
    """

    def __init__(self, layer: str, column: str) -> None:
        super().__init__("column_missing", layer=layer, column=column)


class MissingFile(KnownError, FileNotFoundError):
    """A file that should be there is not."""


class CannotWrite(KnownError, OSError):
    """The disk is full, the place is read-only, or another program holds the file."""


class UnknownCrs(BadInput):
    """The coordinate reference system cannot be known without asking."""


def unreachable(error: OSError) -> KnownError:
    """What the system says of a path that cannot be used, as a known error."""
    return BadInput("path_unusable", path=error.filename or "", reason=error.strerror or str(error))


class NewerProject(KnownError):
    """The project was written by a newer version of the program."""


class Conflict(KnownError):
    """A change whose *before* is not what the project holds.

    Parameters
    ----------
    table, row : str
        The table and the key of the row.
    """

    def __init__(self, table: str, row: str) -> None:
        super().__init__("conflict", table=table, row=row)
