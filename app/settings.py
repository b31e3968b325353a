"""What the program remembers between two runs: each setting once, with its default and its meaning."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

T = TypeVar("T", str, int, bool, QByteArray)

RECENT = 8


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One value: its name in the file, what it is if nobody has chosen, what it means."""

    name: str
    default: T
    meaning: str

    @overload
    def __get__(self, settings: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, settings: "Settings", owner: type) -> T: ...
    def __get__(self, settings: "Settings | None", owner: type) -> "Setting[T] | T":
        return self if settings is None else settings.read(self)

    def __set__(self, settings: "Settings", value: T) -> None:
        settings.file.setValue(self.name, value)


class Settings:
    """The settings of one user, in an ini file.

    Parameters
    ----------
    path : Path, optional
        The file; by default in the user's configuration folder.
    """

    language = Setting("window/language", "zh_CN", "language of the window: zh_CN or en")
    theme = Setting("window/theme", "light", "light or dark")
    geometry = Setting("window/geometry", QByteArray(), "size and place of the window")
    docks = Setting("window/docks", QByteArray(), "which panels are open, and how wide")
    panel = Setting("window/panel", "", "the panel that is in front")
    toured = Setting("window/toured", False, "whether the tour of the sample has been seen")
    overview = Setting("map/overview", True, "the whole small in a corner while a part is seen")
    tips = Setting("map/tips", True, "what lies under the mouse when it rests")
    maker = Setting("print/maker", "", "office that makes the maps, as printed on them")
    folder = Setting("files/folder", "", "folder last used for projects and exports")

    def __init__(self, path: Path | None = None) -> None:
        place = path or _default_path()
        self.file = QSettings(str(place), QSettings.Format.IniFormat)

    def read(self, setting: Setting[Any]) -> Any:
        """The value as the setting's type; what is not of that type counts as not chosen."""
        value = self.file.value(setting.name, setting.default, type(setting.default))
        return setting.default if value is None else value

    def view_of(self, project: Path) -> tuple[float, float, float] | None:
        """Middle and metres a pixel of what was last seen of a project."""
        kept: Any = self.file.value(f"views/{_name_of(project)}", None)
        try:
            x, y, scale = map(float, kept)
        except (TypeError, ValueError):
            return None
        return x, y, scale

    def keep_view(self, project: Path, x: float, y: float, scale: float) -> None:
        """Remember what is seen of a project."""
        self.file.setValue(f"views/{_name_of(project)}", [x, y, scale])

    def scene_of(self, project: Path) -> str:
        """What was last seen of a project, as JSON; empty: nothing is known."""
        return str(self.file.value(f"scenes/{_name_of(project)}", "") or "")

    def keep_scene(self, project: Path, scene: str) -> None:
        """Remember which layers are seen of a project."""
        self.file.setValue(f"scenes/{_name_of(project)}", scene)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Projects opened lately, newest first."""
        paths: Any = self.file.value("files/recent", [])
        return tuple(Path(p) for p in ([paths] if isinstance(paths, str) else paths or []))

    def remember(self, project: Path) -> None:
        """Put a project at the head of the recent ones."""
        paths = [project, *(path for path in self.recent if path != project)]
        self.file.setValue("files/recent", [str(path) for path in paths[:RECENT]])

    def forget(self, project: Path) -> None:
        """Take a project off the list."""
        self.file.setValue("files/recent", [str(path) for path in self.recent if path != project])


def _name_of(project: Path) -> str:
    """A key for a path: an ini file knows no slashes in keys."""
    return hashlib.sha256(str(project).encode()).hexdigest()[:16]


def _default_path() -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(folder) / "riskatlas" / "riskatlas.ini"
