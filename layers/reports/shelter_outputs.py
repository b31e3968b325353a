"""What leaves the house of a shelter plan: map book, village cards, evacuation plan, ground needed."""

from dataclasses import dataclass
from pathlib import Path

from layers.errors import CannotWrite
from layers.progress import Progress, part
from layers.reports.naming import file_stem
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

KINDS = ("book", "cards", "table", "need")
"""Map book of shelters, village cards, evacuation plan, ground needed."""


@dataclass(frozen=True)
class OutputWish:
    """What is to be written.

    Parameters
    ----------
    kinds : tuple of str
        Some of `KINDS`.
    region : str
        Of the village cards: code of a county or township, or ``all``.
    folder : Path
    maker : str
        Office that makes the book.
    """

    kinds: tuple[str, ...]
    region: str
    folder: Path
    maker: str


def write_outputs(
    project: ProjectFile, plan: ShelterPlan, wish: OutputWish, language: Language, progress: Progress
) -> tuple[Path, ...]:
    """Write map book, village cards, evacuation plan and ground needed, as wished; the files.

    Raises
    ------
    BadInput, CannotWrite
    """
    from layers.reports.evacuation import write_evacuation, write_need  # the window opens sooner without them
    from layers.reports.shelter_book import write_shelter_book
    from layers.reports.village_cards import write_village_cards

    try:
        wish.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWrite("cannot_write_sheet", path=wish.folder, reason=reason) from error
    written: list[Path] = []
    for number, kind in enumerate(wish.kinds):
        step = part(progress, number / len(wish.kinds), (number + 1) / len(wish.kinds))
        stem = file_stem(f"{plan.name}_{say(f'output.file.{kind}', language)}")
        if kind == "book":
            path = wish.folder / f"{stem}.pdf"
            write_shelter_book(project, plan, path, language, wish.maker, step)
        elif kind == "cards":
            path = wish.folder / f"{stem}_{wish.region}.pdf"
            write_village_cards(project, plan, path, language, wish.region, step)
        elif kind == "table":
            path = wish.folder / f"{stem}.xlsx"
            write_evacuation(plan, path, language, progress=step)
        else:
            written += write_need(plan, wish.folder, language)
            continue
        written.append(path)
    progress(1.0)
    return tuple(written)
