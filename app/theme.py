"""How the window looks: named tokens for light and dark, their stylesheet, one font, one set of icons."""

import atexit
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import TypeVar

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from layers.resources import resource

W = TypeVar("W", bound=QWidget)

GRID = 8
"""All distances are multiples of this, in logical pixels (half of it inside dense rows)."""


@dataclass(frozen=True)
class Tokens:
    """The colours that the window knows, by what they are for.

    All inks can be read on all grounds (4.5 : 1, WCAG AA) but `off_ink`, that of what cannot be used now.
    """

    ground: str
    surface: str
    raised: str
    line: str
    strong_line: str
    ink: str
    soft_ink: str
    faint_ink: str
    off_ink: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    warning: str
    warning_soft: str
    error: str
    error_soft: str
    paper: str


LIGHT = Tokens(
    ground="#f3f5f7",
    surface="#ffffff",
    raised="#eceff3",
    line="#e1e5ea",
    strong_line="#c5ccd6",
    ink="#1d2733",
    soft_ink="#56626f",
    faint_ink="#616c79",
    off_ink="#9aa4b0",
    accent="#17688f",
    accent_hover="#125675",
    accent_soft="#e2eff5",
    on_accent="#ffffff",
    warning="#8f5a00",
    warning_soft="#fdf3dc",
    error="#a92c22",
    error_soft="#fbe9e7",
    paper="#fafaf7",
)
DARK = Tokens(
    ground="#171b20",
    surface="#1f242b",
    raised="#2a313a",
    line="#303842",
    strong_line="#4a5563",
    ink="#e6eaef",
    soft_ink="#a6b1bd",
    faint_ink="#929da9",
    off_ink="#66717d",
    accent="#56b0d6",
    accent_hover="#79c3e2",
    accent_soft="#203946",
    on_accent="#0d1a21",
    warning="#f0c36a",
    warning_soft="#3b3016",
    error="#f2938a",
    error_soft="#43211e",
    paper="#e9e9e4",
)
THEMES = {"light": LIGHT, "dark": DARK}


def dress(application: QApplication, theme: str) -> Tokens:
    """Give the application the theme's palette and stylesheet, unless it wears them: that takes a second."""
    tokens = THEMES[theme]
    if application.property("theme") == theme:
        return tokens
    application.setProperty("theme", theme)
    application.setFont(font())
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(palette(tokens))
    sheet = Template(resource("theme.qss").read_text(encoding="utf-8"))
    application.setStyleSheet(sheet.substitute(asdict(tokens), **_images(tokens)))
    return tokens


def _images(tokens: Tokens) -> dict[str, str]:
    """Files of the arrows, ticks and cross that a stylesheet wants as images, in the colours of the theme."""
    arrows = {f"arrow_{name}": (f"chevron-{name}", tokens.soft_ink) for name in ("down", "up", "right")}
    paths = {}
    others = {
        "check": ("check", tokens.on_accent),
        "tick": ("check", tokens.accent),
        "clear": ("x", tokens.soft_ink),
    }
    for name, (drawing, ink) in {**arrows, **others}.items():
        path = _drawings() / f"{drawing}_{ink[1:]}.png"
        if not path.exists():
            pixmap(drawing, ink, 16).save(str(path))
        paths[name] = path.as_posix()
    return paths


@cache
def _drawings() -> Path:
    """A folder that goes when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="riskatlas-icons-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def palette(tokens: Tokens) -> QPalette:
    """The tokens as Qt's roles."""
    roles = QPalette.ColorRole
    chosen = {
        roles.Window: tokens.ground,
        roles.WindowText: tokens.ink,
        roles.Base: tokens.surface,
        roles.AlternateBase: tokens.ground,
        roles.Text: tokens.ink,
        roles.Button: tokens.surface,
        roles.ButtonText: tokens.ink,
        roles.BrightText: tokens.on_accent,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.on_accent,
        roles.Link: tokens.accent,
        roles.ToolTipBase: tokens.ink,
        roles.ToolTipText: tokens.surface,
        roles.PlaceholderText: tokens.faint_ink,
        roles.Mid: tokens.line,
        roles.Light: tokens.surface,
        roles.Midlight: tokens.raised,
        roles.Dark: tokens.strong_line,
        roles.Accent: tokens.accent,
    }
    result = QPalette()
    for role, colour in chosen.items():
        result.setColor(role, QColor(colour))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.off_ink))
    return result


@cache
def font_family() -> str:
    """Register the shipped font, once; the same letters on every machine, even one without fonts."""
    number = QFontDatabase.addApplicationFont(str(resource("fonts", "NotoSansSC-Regular.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


def font(pixels: int = 13, *, strong: bool = False) -> QFont:
    """The window's font at a size in logical pixels."""
    result = QFont(font_family())
    result.setPixelSize(pixels)
    result.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return result


def pixmap(name: str, colour: str, size: int = 18, ratio: float = 2.0) -> QPixmap:
    """An icon's drawing in one colour, sharp on dense screens."""
    svg = resource("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    result = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def named(widget: W, name: str) -> W:
    """The widget under the name by which the stylesheet knows it."""
    widget.setObjectName(name)
    return widget


def icon(name: str, tokens: Tokens) -> QIcon:
    """An icon in the palette's ink; accent when on, faint when disabled."""
    result = QIcon(pixmap(name, tokens.soft_ink))
    result.addPixmap(pixmap(name, tokens.off_ink), QIcon.Mode.Disabled)
    result.addPixmap(pixmap(name, tokens.accent), QIcon.Mode.Normal, QIcon.State.On)
    return result


def the_application() -> QApplication:
    """The one that runs."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
