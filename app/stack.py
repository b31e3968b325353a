"""The stack: which layers lie on the map, in which order, in which style, and which are seen."""

import threading
from contextlib import suppress

from PySide6.QtCore import QObject, QTimer, Signal

from app.canvas.scene import Drawable
from app.choice import Choice
from app.desk import Desk
from app.words import capital
from layers.cartography.graded import result_style
from layers.cartography.qml import qml
from layers.cartography.style import Style, default_style
from layers.census.catalogue import catalogue
from layers.errors import KnownError, MissingFile
from layers.layer import VectorLayer
from layers.risk.hazard import census_name
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.words import Language, say

GROUPS = ("plan", "capacity", "exposure", "region", "base", "hazard", "surface", "other")
"""The groups of the layer tree, the topmost first: points over areas over surfaces."""
ASLEEP = frozenset(
    {"exposure", "capacity", "surface"}
    | {"flood_extent", "speed_inundation", "rating_inundation", "duration_inundation"}
    | {"exceedance_flood", "annual_damage", "annual_damage_county"}
)
"""Groups and kinds that are not seen until wanted: the first look at a city shall not be a heap of points."""
OF_ONE_HAZARD = {
    "earthquake_event": "earthquake",
    "evacuation_unit": "inundation",
    "evacuation_village": "inundation",
    "evacuation_county": "inundation",
    "closed_road": "inundation",
    "flood_gauge": "inundation",
    "flood_section": "inundation",
}
"""Kinds that are seen when their hazard is the chosen one."""
SAMPLE = "_示例"
"""How titles of the sample's made-up layers end."""
TOLD_AFTER, TOLD_SOON = 4000, 700
"""Milliseconds after a project has come, or layers, at which QGIS is told how they are drawn: the map is
drawn first, and all panels have followed."""
EXPLAINED = (
    "isochrone",
    "relief_reach",
    "warning_reach",
    "plan_gap",
    "exceedance_flood",
    "annual_damage",
    "annual_damage_county",
)
"""Kinds of plans, studies and scenario sets whose colours the key of the map explains before a hazard's."""
AWAKE_KINDS = frozenset({"county", "township", "city", "river", "lake", "road", "levee"})


def group_of(entry: LayerEntry) -> str:
    """The group of the tree in which a layer stands."""
    kind = catalogue().get(entry.kind)
    if kind is None:
        return "other"
    if kind.role == "base" and entry.geometry == "raster":
        return "surface"
    return kind.role


def time_of(entry: LayerEntry) -> str:
    """What a layer has to do with time: ``frames``, ``arrival``, or nothing."""
    kind = catalogue().get(entry.kind)
    return kind.time if kind is not None else ""


def title_of(entry: LayerEntry | VectorLayer, language: Language) -> str:
    """What the user reads: the title the layer was given, or its kind's name in the language."""
    kind = catalogue().get(entry.kind)
    if kind is not None and (not entry.title or entry.title in {kind.zh, kind.en}):
        return capital(kind.title(language))
    plan, is_of_plan, _ = entry.title.partition(" · ")
    if is_of_plan and entry.kind.startswith("plan_"):
        return say(f"shelter.layer.{entry.kind}", language, plan=plan)
    if kind is not None and language == "en" and entry.title.endswith(SAMPLE):
        return say("layers.sample", language, title=capital(kind.en))
    return entry.title or entry.name


def style_of(entry: LayerEntry, language: Language) -> Style:
    """The style stored with the layer, else, or if that cannot be read, that of its kind."""
    if entry.style:
        with suppress(KnownError):
            return Style.from_json(entry.style)
    return result_style(entry.kind, language) or default_style(entry.kind, language, entry.geometry)


class Stack(QObject):
    """The layers of the open project from the topmost to the lowest.

    Of the hazards one is on the map, the chosen one, or a plan instead: red upon red says nothing.
    """

    changed = Signal()
    tried = Signal()

    def __init__(self, desk: Desk, choice: Choice, language: Language, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._choice = desk, choice
        self._hazard = choice.hazard
        self.language: Language = language
        self.entries: tuple[LayerEntry, ...] = ()
        self._seen: dict[str, bool] = {}
        self._tried: dict[str, Style] = {}
        self._telling = QTimer(self, interval=TOLD_AFTER, singleShot=True)
        self._telling.timeout.connect(self._tell_qgis)
        self._teller: threading.Thread | None = None
        desk.leaving.connect(self._tell_last)
        desk.changed.connect(self._follow)
        choice.changed.connect(self._turn)

    def is_seen(self, name: str) -> bool:
        """Whether the layer is drawn."""
        return self._seen.get(name, False)

    def see(self, name: str, seen: bool) -> None:
        """Show or hide a layer."""
        if self._seen.get(name) != seen:
            self._seen[name] = seen
            entry = self.entry(name)
            if seen and entry is not None and time_of(entry):
                self._clear_ground(entry)
            self.changed.emit()

    def see_only(self, names: frozenset[str]) -> None:
        """Show these layers and hide all others."""
        self._seen = {entry.name: entry.name in names for entry in self.entries}
        self.changed.emit()

    def speak(self, language: Language) -> None:
        """Legends and labels in another language."""
        self.language = language
        self.changed.emit()

    def try_style(self, name: str, style: Style | None) -> None:
        """Draw a layer in a style that is not kept yet; ``None``: as the project says."""
        before = self._tried.pop(name, None)
        if style is not None:
            self._tried[name] = style
        if before != style:
            self.tried.emit()

    def style(self, entry: LayerEntry) -> Style:
        """The style in which a layer is drawn now."""
        return self._tried.get(entry.name) or style_of(entry, self.language)

    @property
    def classed(self) -> LayerEntry | None:
        """The layer whose classes are tried, else the topmost that was given some; it hides the theme."""
        seen = [entry for entry in self.entries if self.is_seen(entry.name) and entry.kind not in EXPLAINED]
        tried = [entry for entry in seen if entry.name in self._tried]
        given = [entry for entry in seen if entry.style and entry.geometry == "polygon"]
        return next((entry for entry in [*tried, *given] if self.style(entry).classes), None)

    def entry(self, name: str) -> LayerEntry | None:
        """The layer of that name, if it is in the project."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def missing(self, entry: LayerEntry) -> KnownError | None:
        """Why a raster cannot be shown, if its file is not there."""
        if entry.geometry != "raster" or self._desk.project is None:
            return None
        try:
            self._desk.project.raster_path(entry.name)
        except MissingFile as error:
            return error
        return None

    def drawables(self) -> tuple[Drawable, ...]:
        """What is drawn, the lowest first."""
        return tuple(
            self.drawable(entry, self._hazard)
            for entry in reversed(self.entries)
            if self.is_seen(entry.name) and entry.geometry != "table" and not time_of(entry)
        )

    @property
    def hazard(self) -> str:
        """The hazard whose grades are on the map."""
        return self._hazard

    def timed(self) -> tuple[LayerEntry, ...]:
        """The layers with time that are seen, the lowest first: the time slider draws them."""
        return tuple(e for e in reversed(self.entries) if self.is_seen(e.name) and time_of(e))

    @property
    def theme(self) -> LayerEntry | None:
        """The chosen hazard's layer, if that is seen: its risk, else the hazard, else the census's grades.

        Without one, the map of a study, a set or the gap of a shelter plan; else what changes with time.
        """
        chosen = self.theme_of(self._hazard)
        planned = (entry for entry in self.entries if entry.kind in EXPLAINED)
        wanted = (*(() if chosen is None else (chosen,)), *planned, *self.timed())
        return next((entry for entry in wanted if self.is_seen(entry.name)), None)

    @property
    def theme_title(self) -> str:
        """What the key of the map is headed by; census grades do not say by themselves of which hazard."""
        theme = self.theme
        return "" if theme is None else self.heading(theme, self._hazard)

    def heading(self, theme: LayerEntry, hazard: str) -> str:
        """What a key of this layer is headed by, of this hazard."""
        if theme.kind == "exceedance_flood":
            return f"{catalogue()[theme.kind].title(self.language)} · {theme.title}"
        if theme.kind in EXPLAINED:
            return title_of(theme, self.language)
        title = style_of(theme, self.language).title or title_of(theme, self.language)
        if theme.kind != "hazard_zone":
            return capital(title)
        return f"{capital(say(f'hazard.{hazard}', self.language))} · {title}"

    @property
    def is_synthetic(self) -> bool:
        """Whether something that is seen is made up."""
        return any(entry.provenance.synthetic for entry in self.entries if self.is_seen(entry.name))

    def show_plan(self, names: frozenset[str]) -> None:
        """These layers of plans and studies, no others of them, and no hazard that would shine through."""
        for entry in self.entries:
            if is_thematic(entry):
                self._seen[entry.name] = False
            elif group_of(entry) == "plan":
                self._seen[entry.name] = entry.name in names
        self.changed.emit()

    def show_hazard(self) -> None:
        """The chosen hazard, and no plan: unless something that changes with time is looked at."""
        if not self.timed():
            self._show_theme()
        self._clear_sight()
        for entry in self.entries:
            if group_of(entry) == "plan":
                self._seen[entry.name] = False
        self.changed.emit()

    def _clear_sight(self) -> None:
        """A result has come, or another hazard is chosen: areas of plans, studies and sets would hide it."""
        for entry in self.entries:
            if entry.kind in EXPLAINED or (group_of(entry) == "plan" and entry.geometry == "polygon"):
                self._seen[entry.name] = False

    def show_study(self, kind: str) -> None:
        """The first layer of this kind, and no hazard, plan or moment over it."""
        shown = next((entry for entry in self.entries if entry.kind == kind), None)
        self._clear_sight()
        for entry in self.entries:
            if is_thematic(entry) or time_of(entry) or entry is shown:
                self._seen[entry.name] = entry is shown
        self.changed.emit()

    def theme_of(self, hazard: str) -> LayerEntry | None:
        """The layer that shows a hazard: its risk, else the hazard, else the census's grades."""
        graded = ("hazard_zone",) if census_name(hazard) else ()
        kinds = (f"risk_{hazard}", f"hazard_{hazard}", *graded)
        return next((entry for kind in kinds for entry in self.entries if entry.kind == kind), None)

    def drawable(self, entry: LayerEntry, hazard: str) -> Drawable:
        """How a layer is drawn; census polygons lie one hazard upon another: those of one are drawn."""
        only = ("hazard", census_name(hazard)) if entry.kind == "hazard_zone" else None
        return Drawable(entry, self.style(entry), only)

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self._seen.clear()
            self._tried.clear()
        if "layers" in tables:
            project, known = self._desk.project, set(self._seen)
            self.entries = tuple(sorted(project.layers(), key=_depth)) if project else ()
            for entry in self.entries:
                self._seen.setdefault(entry.name, entry.visible and _is_awake(entry))
            if any(is_thematic(entry) and entry.name not in known for entry in self.entries):
                self._show_theme()
                if known:
                    self._clear_sight()
            self._show_new([e for e in self.entries if known and time_of(e) and e.name not in known])
            if project is None:
                self._telling.stop()
            else:
                self._telling.start(TOLD_AFTER if "project" in tables else TOLD_SOON)
            self.changed.emit()

    def _tell_qgis(self) -> None:
        """The styles of the layers go where QGIS finds them, by a thread that the desk waits for."""
        self._telling.stop()
        project = self._desk.project
        if self._desk.can_edit and project is not None:
            self._stop_telling()
            self._teller = threading.Thread(target=_tell, args=(project, self.entries, self.language))
            self._teller.start()

    def _tell_last(self) -> None:
        """The project is put away: QGIS is told at once what it has not been told since layers came."""
        if self._telling.isActive() and self._telling.interval() == TOLD_SOON:
            self._tell_qgis()
        self._telling.stop()
        self._stop_telling()

    def _stop_telling(self) -> None:
        if self._teller is not None:
            self._teller.join()

    def _clear_ground(self, shown: LayerEntry) -> None:
        """What changes with time is seen on plain ground: no grades, and one such layer at a time."""
        for entry in self.entries:
            if entry is not shown and (is_thematic(entry) or time_of(entry)):
                self._seen[entry.name] = False

    def _show_new(self, timed: list[LayerEntry]) -> None:
        """A run has brought layers with time: show the first, frames before arrival."""
        if timed:
            first = min(timed, key=lambda entry: time_of(entry) != "frames")
            self._seen[first.name] = True
            self._clear_ground(first)

    def _turn(self) -> None:
        if self._choice.hazard != self._hazard:
            self._hazard = self._choice.hazard
            self._show_theme()
            self._clear_sight()
            self.changed.emit()

    def _show_theme(self) -> None:
        theme = self.theme_of(self._hazard)
        for entry in self.entries:
            if is_thematic(entry) or time_of(entry):
                self._seen[entry.name] = entry is theme
            elif entry.kind in OF_ONE_HAZARD:
                self._seen[entry.name] = self._hazard == OF_ONE_HAZARD[entry.kind]


def _depth(entry: LayerEntry) -> tuple[int, int]:
    return GROUPS.index(group_of(entry)), entry.position


def is_thematic(entry: LayerEntry) -> bool:
    """Whether a layer shows grades of a hazard or risk: one such is on the map."""
    return entry.kind == "hazard_zone" or result_style(entry.kind) is not None


def _is_awake(entry: LayerEntry) -> bool:
    return not {group_of(entry), entry.kind} & ASLEEP and (
        entry.kind in AWAKE_KINDS or group_of(entry) in {"hazard", "other"}
    )


def _tell(project: ProjectFile, entries: tuple[LayerEntry, ...], language: Language) -> None:
    styles = {
        entry.name: qml(style_of(entry, language), entry.geometry)
        for entry in entries
        if entry.geometry != "table" and entry.geometry != "raster"
    }
    with suppress(KnownError):  # the disk may be full: QGIS is told another time
        project.keep_styles(styles)
