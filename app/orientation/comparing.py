"""What the map can be compared with: another hazard, layer or moment, in place of the seen grades."""

from dataclasses import dataclass

from app.canvas.scene import Drawable
from app.choice import HAZARDS
from app.stack import Stack, group_of, is_thematic, time_of, title_of
from layers.storage.geopackage import LayerEntry
from layers.words import say


@dataclass(frozen=True)
class Other:
    """A layer that may stand in place of the grades; census grades, those of a hazard.

    `is_moment`: the layer is seen on the left too, at another time.
    """

    entry: LayerEntry
    hazard: str
    title: str
    is_moment: bool = False

    @property
    def name(self) -> str:
        """By which it is found again."""
        return f"{self.entry.name}:{self.hazard}:{self.is_moment}"


def others(stack: Stack) -> tuple[Other, ...]:
    """What can stand there: another moment of what is seen, then the other hazards, then unseen layers."""
    themes = [(hazard, stack.theme_of(hazard)) for hazard in HAZARDS if hazard != stack.hazard]
    hazards = [Other(e, hazard, stack.heading(e, hazard)) for hazard, e in themes if e is not None]
    known = {other.entry.name for other in hazards}
    more = [
        Other(entry, stack.hazard, _title(stack, entry))
        for entry in stack.entries
        if _is_one(entry) and not stack.is_seen(entry.name) and entry.name not in known
    ]
    return (*_moments(stack), *hazards, *more)


def _moments(stack: Stack) -> list[Other]:
    titles = {entry: title_of(entry, stack.language) for entry in stack.timed()}
    return [
        Other(entry, stack.hazard, say("swipe.moment", stack.language, title=title), is_moment=True)
        for entry, title in titles.items()
    ]


def _is_one(entry: LayerEntry) -> bool:
    return entry.geometry == "raster" or group_of(entry) == "other" or entry.kind == "hazard_zone"


def _title(stack: Stack, entry: LayerEntry) -> str:
    return stack.heading(entry, stack.hazard) if is_thematic(entry) else title_of(entry, stack.language)


def compared(stack: Stack, other: Other) -> tuple[Drawable, ...]:
    """What is drawn if another layer stands in place of the grades, the lowest first."""
    return tuple(
        stack.drawable(entry, other.hazard)
        for entry in reversed(stack.entries)
        if not time_of(entry)
        and (
            entry.name == other.entry.name
            or (stack.is_seen(entry.name) and entry.geometry != "table" and not is_thematic(entry))
        )
    )


def played(stack: Stack, other: Other) -> tuple[LayerEntry, ...] | None:
    """The layers with time that lie beside; ``None``: those that are seen."""
    if other.is_moment:
        return None
    if time_of(other.entry):
        return (other.entry,)
    theme = stack.theme
    return () if theme is not None and time_of(theme) else None
