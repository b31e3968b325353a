"""What the map can be compared with: another hazard, or another layer, in place of the seen grades."""

from dataclasses import dataclass

from app.canvas.scene import Drawable
from app.choice import HAZARDS
from app.stack import Stack, group_of, is_thematic, time_of, title_of
from layers.storage.geopackage import LayerEntry


@dataclass(frozen=True)
class Other:
    """A layer that may stand in place of the grades; census grades, those of a hazard."""

    entry: LayerEntry
    hazard: str
    title: str

    @property
    def name(self) -> str:
        """By which it is found again."""
        return f"{self.entry.name}:{self.hazard}"


def others(stack: Stack) -> tuple[Other, ...]:
    """What is not seen and can stand there: the other hazards first, then rasters and unknown layers."""
    themes = [(hazard, stack.theme_of(hazard)) for hazard in HAZARDS if hazard != stack.hazard]
    found = [Other(e, hazard, stack.heading(e, hazard)) for hazard, e in themes if e is not None]
    known = {other.entry.name for other in found}
    for entry in stack.entries:
        is_one = entry.geometry == "raster" or group_of(entry) == "other" or entry.kind == "hazard_zone"
        if is_one and not stack.is_seen(entry.name) and entry.name not in known and not time_of(entry):
            title = (
                stack.heading(entry, stack.hazard) if is_thematic(entry) else title_of(entry, stack.language)
            )
            found.append(Other(entry, stack.hazard, title))
    return tuple(found)


def compared(stack: Stack, other: Other) -> tuple[Drawable, ...]:
    """What is drawn if another layer stands in place of the grades, the lowest first."""
    return tuple(
        stack.drawable(entry, other.hazard)
        for entry in reversed(stack.entries)
        if entry.name == other.entry.name
        or (
            stack.is_seen(entry.name)
            and entry.geometry != "table"
            and not (is_thematic(entry) or time_of(entry))
        )
    )
