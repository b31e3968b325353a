"""The stack: which layers lie on the map, in which order, in which style, and which are seen."""

from PySide6.QtCore import QObject, Signal

from app.canvas.scene import Drawable
from app.desk import Desk
from layers.cartography.style import Style, default_style, grade_style
from layers.census.catalogue import catalogue
from layers.storage.geopackage import LayerEntry
from layers.words import Language

GROUPS = ("capacity", "exposure", "region", "base", "hazard", "surface", "other")
"""The groups of the layer tree, the topmost first: points over areas over surfaces."""
ASLEEP = frozenset({"exposure", "capacity", "surface"})
"""Groups that are not seen until wanted: the first look at a city shall not be a heap of points."""
AWAKE_KINDS = frozenset({"county", "township", "city", "river", "lake", "road", "levee"})


def group_of(entry: LayerEntry) -> str:
    """The group of the tree in which a layer stands."""
    kind = catalogue().get(entry.kind)
    if kind is None:
        return "other"
    if kind.role == "base" and entry.geometry == "raster":
        return "surface"
    return kind.role


def title_of(entry: LayerEntry, language: Language) -> str:
    """What the user reads: the title the layer was given, or its kind's name in the language."""
    kind = catalogue().get(entry.kind)
    if kind is not None and (not entry.title or entry.title in {kind.zh, kind.en}):
        return kind.title(language)
    return entry.title or entry.name


def style_of(entry: LayerEntry, language: Language) -> Style:
    """The style stored with the layer, else that of its kind."""
    if entry.style:
        return Style.from_json(entry.style)
    use, _, hazard = entry.kind.partition("_")
    if use in {"hazard", "risk"} and entry.geometry == "raster":
        return grade_style(hazard, language)
    return default_style(entry.kind, language, entry.geometry)


class Stack(QObject):
    """The layers of the open project from the topmost to the lowest."""

    changed = Signal()

    def __init__(self, desk: Desk, language: Language, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.language: Language = language
        self.entries: tuple[LayerEntry, ...] = ()
        self._seen: dict[str, bool] = {}
        desk.changed.connect(self._follow)

    def is_seen(self, name: str) -> bool:
        """Whether the layer is drawn."""
        return self._seen.get(name, False)

    def see(self, name: str, seen: bool) -> None:
        """Show or hide a layer."""
        if self._seen.get(name) != seen:
            self._seen[name] = seen
            self.changed.emit()

    def speak(self, language: Language) -> None:
        """Legends and labels in another language."""
        self.language = language
        self.changed.emit()

    def entry(self, name: str) -> LayerEntry | None:
        """The layer of that name, if it is in the project."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def drawables(self) -> tuple[Drawable, ...]:
        """What is drawn, the lowest first."""
        return tuple(
            Drawable(entry, style_of(entry, self.language))
            for entry in reversed(self.entries)
            if self.is_seen(entry.name) and entry.geometry != "table"
        )

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self._seen.clear()
        if "layers" in tables:
            project = self._desk.project
            self.entries = tuple(sorted(project.layers(), key=_depth)) if project else ()
            for entry in self.entries:
                self._seen.setdefault(entry.name, entry.visible and _is_awake(entry))
            self.changed.emit()


def _depth(entry: LayerEntry) -> tuple[int, int]:
    return GROUPS.index(group_of(entry)), entry.position


def _is_awake(entry: LayerEntry) -> bool:
    return group_of(entry) not in ASLEEP and (
        entry.kind in AWAKE_KINDS or group_of(entry) in {"hazard", "other"}
    )
