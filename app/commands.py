"""Every action of the window in one table; menus, tools, shortcuts and the list of keys are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.main_window import MainWindow

Doing = Callable[["MainWindow"], object]
Asking = Callable[["MainWindow"], bool]

MENUS = ("file", "edit", "draw", "view", "risk", "window", "help")
"""None is longer than a small screen is high: Qt would break it into columns."""


def _always(window: MainWindow) -> bool:
    return True


def _is_open(window: MainWindow) -> bool:
    return window.desk.project is not None


def _can_edit(window: MainWindow) -> bool:
    return window.desk.can_edit and not window.is_storing


def _can_undo(window: MainWindow) -> bool:
    session = window.desk.session
    return _can_edit(window) and session is not None and session.can_undo


def _can_redo(window: MainWindow) -> bool:
    session = window.desk.session
    return _can_edit(window) and session is not None and session.can_redo


def _has_selection(window: MainWindow) -> bool:
    return _can_edit(window) and bool(window.stage.selection)


def _can_paste(window: MainWindow) -> bool:
    return _can_edit(window) and window.workbench.has_copied


def _open_palette(window: MainWindow) -> None:
    from app.shell.palette import Palette  # which is made from this table

    Palette(window).open()


def _has_time(window: MainWindow) -> bool:
    return bool(window.stage.time.times)


def _has_region(window: MainWindow) -> bool:
    return _is_open(window) and window.choice.region != ""


@dataclass(frozen=True)
class Command:
    """One action.

    Parameters
    ----------
    id : str
        Its words are ``command.ID``, the sentence that explains it ``command.ID.tip``.
    menu : str
        Where it stands; ``""``: in no menu.
    does : callable
    keys : str
        Qt's portable spelling; ``""``: none.
    icon : str
    enabled : callable
    checked : callable, optional
        Given: the action is a switch, and this says whether it is on.
    begins : bool
        A line is drawn above it in the menu.
    """

    id: str
    menu: str
    does: Doing
    keys: str = ""
    icon: str = ""
    enabled: Asking = _always
    checked: Asking | None = None
    begins: bool = False


def _tool(name: str, keys: str, icon: str, *, begins: bool = False) -> Command:
    """A tool that draws; a switch: it is in the hand or not."""
    return Command(
        name,
        "draw",
        lambda w: w.workbench.tools.take(name),
        keys,
        icon,
        _can_edit,
        lambda w: w.workbench.tools.tool == name,
        begins=begins,
    )


def _map_tool(
    name: Literal["browse", "select", "zoom", "measure"], keys: str, icon: str, *, begins: bool = False
) -> Command:
    """What the left button does on the map while nothing is drawn."""

    def take(window: MainWindow) -> None:
        window.workbench.tools.end()
        window.stage.set_tool(name)

    def is_taken(window: MainWindow) -> bool:
        return window.stage.map.tool == name and not window.workbench.tools.tool

    return Command(f"tool_{name}", "view", take, keys, icon, _is_open, is_taken, begins=begins)


def _switch(name: str, switch: str, keys: str, icon: str, *, begins: bool = False) -> Command:
    """A switch of catching."""
    return Command(
        name,
        "draw",
        lambda w: w.workbench.tools.catcher.turn(switch),
        keys,
        icon,
        _can_edit,
        lambda w: bool(getattr(w.workbench.tools.catcher, switch)),
        begins=begins,
    )


def _sort(sort: Literal["vertex", "intersection", "edge"]) -> Command:
    """What is caught."""
    return Command(
        f"snap_{sort}",
        "",
        lambda w: w.workbench.tools.catcher.turn_sort(sort),
        enabled=_can_edit,
        checked=lambda w: sort in w.workbench.tools.catcher.sorts,
    )


COMMANDS: tuple[Command, ...] = (
    Command("new", "file", lambda w: w.files.create(), "Ctrl+N", "file-plus"),
    Command("open", "file", lambda w: w.files.open(), "Ctrl+O", "folder-open"),
    Command("open_sample", "file", lambda w: w.files.open_sample(), "", "map-pinned"),
    Command("import", "file", lambda w: w.files.ask_import(), "Ctrl+I", "import", _can_edit, begins=True),
    Command("export_layer", "file", lambda w: w.files.export_layer(), "Ctrl+E", "download", _is_open),
    Command("checkout", "file", lambda w: w.workbench.packages.ask_where(), "", "", _can_edit, begins=True),
    Command("bring_home", "file", lambda w: w.workbench.packages.ask_which(), "", "", _can_edit),
    Command("send_back", "file", lambda w: w.files.copies.send(), "", "", lambda w: w.files.copies.is_open),
    Command("make_sheets", "file", lambda w: w.go_to("sheets"), "Ctrl+P", "printer", _is_open, begins=True),
    Command("share_map", "file", lambda w: w.files.share(), "", "map", _is_open),
    Command("close", "file", lambda w: w.files.close(), "Ctrl+W", "", _is_open, begins=True),
    Command("quit", "file", lambda w: w.close(), "Ctrl+Q"),
    Command("undo", "edit", lambda w: w.undo(), "Ctrl+Z", "undo-2", _can_undo),
    Command("redo", "edit", lambda w: w.redo(), "Ctrl+Y", "redo-2", _can_redo),
    Command("journal", "edit", lambda w: w.go_to("journal"), "Ctrl+J", "clock", _is_open),
    Command(
        "select_by",
        "edit",
        lambda w: w.selecting.open(),
        "Ctrl+Shift+F",
        "list-filter",
        _is_open,
        begins=True,
    ),
    Command("select_polygon", "edit", lambda w: w.selecting.draw(), "Shift+F6", "lasso", _is_open),
    Command("clear_selection", "edit", lambda w: w.stage.deselect(), "Ctrl+D", "", _is_open),
    Command("delete", "edit", lambda w: w.workbench.delete(), "Del", "trash-2", _has_selection, begins=True),
    Command("copy", "edit", lambda w: w.workbench.copy(), "Ctrl+C", "copy", _has_selection),
    Command("paste", "edit", lambda w: w.workbench.paste(), "Ctrl+V", "clipboard-paste", _can_paste),
    Command("attachments", "edit", lambda w: w.workbench.attachments(), "Ctrl+Shift+P", "", _has_selection),
    Command(
        "show_table", "edit", lambda w: w.workbench.show_table(), "Ctrl+T", "table", _is_open, begins=True
    ),
    Command("calculate", "edit", lambda w: w.workbench.calculating.ask(), "", "calculator", _can_edit),
    Command("fill_from_table", "edit", lambda w: w.workbench.matching.ask(), "", "", _can_edit),
    Command("check", "edit", lambda w: w.workbench.review.check(), "Ctrl+Shift+K", "", _is_open),
    _tool("add_feature", "Ctrl+Shift+A", "square-plus"),
    _tool("move_vertex", "Ctrl+Shift+V", "vector-square"),
    _tool("move_feature", "Ctrl+Shift+E", "move"),
    _tool("reshape", "Ctrl+Shift+R", "reshape"),
    _tool("split", "Ctrl+Shift+S", "scissors"),
    Command("join", "draw", lambda w: w.workbench.join(), "Ctrl+Shift+M", "squares-unite", _has_selection),
    _tool("cut_hole", "Ctrl+Shift+H", "cut-hole"),
    _tool("offset", "Ctrl+Shift+O", "offset"),
    _tool("rotate", "Ctrl+Shift+T", "rotate-cw"),
    _switch("snapping", "snaps", "F3", "magnet", begins=True),
    _switch("tracing", "traces", "F4", "route"),
    _switch("sharing", "shares", "Ctrl+Shift+B", "link"),
    _sort("vertex"),
    _sort("intersection"),
    _sort("edge"),
    Command("zoom_in", "view", lambda w: w.stage.map.zoom(2**0.5), "Ctrl++", "zoom-in", _is_open),
    Command("zoom_out", "view", lambda w: w.stage.map.zoom(2**-0.5), "Ctrl+-", "zoom-out", _is_open),
    Command("zoom_all", "view", lambda w: w.stage.show_all(), "Ctrl+0", "maximize", _is_open),
    Command("zoom_region", "view", lambda w: w.wayfinding.show_region(), "Ctrl+R", "map-pin", _has_region),
    Command(
        "back",
        "view",
        lambda w: w.stage.map.go_back(),
        "Alt+Left",
        "arrow-left",
        lambda w: w.stage.map.trail.can_go_back,
    ),
    Command(
        "forward",
        "view",
        lambda w: w.stage.map.go_forward(),
        "Alt+Right",
        "arrow-right",
        lambda w: w.stage.map.trail.can_go_forward,
    ),
    _map_tool("browse", "F5", "hand", begins=True),
    _map_tool("select", "F6", "square-dashed-mouse-pointer"),
    _map_tool("zoom", "F7", "scan-search"),
    _map_tool("measure", "Ctrl+M", "ruler"),
    Command("bookmarks", "view", lambda w: w.wayfinding.bookmarks.open(), "Ctrl+B", "bookmark", _is_open),
    Command(
        "overview",
        "view",
        lambda w: w.wayfinding.switch_overview(),
        enabled=_is_open,
        checked=lambda w: w.wayfinding.inset.is_on,
    ),
    Command(
        "map_tips",
        "view",
        lambda w: w.wayfinding.switch_tips(),
        enabled=_is_open,
        checked=lambda w: w.wayfinding.tips.is_on,
    ),
    Command("style_layer", "view", lambda w: w.go_to("style"), "F11", "sliders-horizontal", _is_open),
    Command(
        "swipe",
        "view",
        lambda w: w.stage.swipe.toggle(),
        "F12",
        "square-split-horizontal",
        _is_open,
        lambda w: w.stage.swipe.is_on,
        begins=True,
    ),
    Command("oblique", "view", lambda w: w.oblique.open(), "Alt+3", "mountain", _is_open),
    Command("time_play", "view", lambda w: w.stage.time.toggle(), "Ctrl+;", "play", _has_time),
    Command("time_back", "view", lambda w: w.stage.time.step(-1), "Ctrl+,", "step-back", _has_time),
    Command("time_on", "view", lambda w: w.stage.time.step(1), "Ctrl+.", "step-forward", _has_time),
    Command("run_hazard", "risk", lambda w: w.go_to("hazard"), "Ctrl+1", "waves", _is_open),
    Command("assess_region", "risk", lambda w: w.go_to("region"), "Ctrl+2", "chart-column", _is_open),
    Command("query_region", "risk", lambda w: w.go_to("database"), "Ctrl+3", "database", _is_open),
    Command("scenario_sets", "risk", lambda w: w.go_to("sets"), "", "", _is_open),
    Command("hydrographs", "risk", lambda w: w.hydrographs.show(), "Ctrl+5", "activity", _is_open),
    Command("site_shelters", "risk", lambda w: w.go_to("shelters"), "Ctrl+4", "", _is_open, begins=True),
    Command("solve_shelters", "risk", lambda w: w.workspaces.shelters.solve(), "Ctrl+Shift+4", "", _can_edit),
    Command(
        "adjust_plan",
        "risk",
        lambda w: w.workspaces.shelters.shelters.begin_draft(),
        "",
        "",
        lambda w: _can_edit(w) and w.workspaces.has_plan,
    ),
    Command(
        "compare_plans",
        "risk",
        lambda w: w.workspaces.shelters.compare(),
        "",
        "",
        lambda w: w.workspaces.has_plan,
    ),
    Command(
        "write_plan",
        "risk",
        lambda w: w.workspaces.shelters.write(),
        "",
        "",
        lambda w: w.workspaces.has_plan,
    ),
    Command("palette", "window", _open_palette, "Ctrl+K", "list-checks"),
    Command("next_part", "window", lambda w: w.keyboard.go_on(), "Ctrl+F6", "", _is_open),
    Command("find", "window", lambda w: w.header.search.setFocus(), "Ctrl+F", "search", _is_open),
    Command(
        "toggle_left",
        "window",
        lambda w: w.toggle("left"),
        "F8",
        "panel-left",
        _is_open,
        lambda w: w.is_shown("left"),
        begins=True,
    ),
    Command(
        "toggle_right",
        "window",
        lambda w: w.toggle("right"),
        "F9",
        "panel-right",
        _is_open,
        lambda w: w.is_shown("right"),
    ),
    Command(
        "toggle_tasks",
        "window",
        lambda w: w.toggle("tasks"),
        "F10",
        "list-checks",
        _always,
        lambda w: w.is_shown("tasks"),
    ),
    Command("arrange_docks", "window", lambda w: w.arrangement.reset(), enabled=_is_open),
    Command("language", "window", lambda w: w.switch_language(), "Ctrl+Shift+L", "languages", begins=True),
    Command("theme", "window", lambda w: w.switch_theme(), "Ctrl+Shift+D", "moon"),
    Command("tour", "help", lambda w: w.touring.begin(), enabled=_is_open),
    Command("keys", "help", lambda w: w.show_keys(), "F1", "keyboard"),
    Command("about", "help", lambda w: w.show_about(), "", "info"),
)
TOOLS = (
    "tool_browse", "tool_select", "tool_zoom", "tool_measure", "zoom_in", "zoom_out", "zoom_all", "back",
    "forward",
)  # fmt: skip
"""The tools that lie on the map."""
