"""What the journal says of edits without reading them: for lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from layers.storage.geopackage import ProjectFile


@dataclass(frozen=True)
class Heading:
    """One edit of the journal.

    Parameters
    ----------
    number : int
    name : str
        What the user did.
    time : str
        ISO 8601, UTC.
    who : str
    """

    number: int
    name: str
    time: str
    who: str


def headings(project: ProjectFile, numbers: Sequence[int]) -> tuple[Heading, ...]:
    """The headings of these edits, in the order asked for; a number that the journal lacks is left out."""
    if not numbers:
        return ()
    words = "SELECT number, name, time, who FROM riskatlas_journal WHERE number BETWEEN ? AND ?"
    with project.asking() as connection:
        lines = connection.execute(words, (min(numbers), max(numbers))).fetchall()
    known = {line[0]: Heading(*line) for line in lines}
    return tuple(known[number] for number in numbers if number in known)
