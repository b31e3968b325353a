"""What lies over the map while a plan is under the hand: sites that can be dragged, ways, people left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app.panels.parts import number_words
from app.sheltering.shelters import Shelters
from app.sheltering.townships import Townships
from app.theme import font
from layers.grid import Array
from layers.siting.arcs import Mask
from layers.siting.dragging import dragged
from layers.siting.shelter_plan import ShelterPlan, against_bound, closed, moved, opened, resized

if TYPE_CHECKING:
    from app.main_window import MainWindow

REACH = 10.0
"""Pixels from which a site is caught."""
HALF = 7.0
"""Half the side of a site's square, pixels."""
WAY, LEFT, ROOM, NEARLY, FULL = "#1f7a8c", "#c0392b", "#2e8b57", "#c98a1b", "#b3392c"


class PlanOverlay(QWidget):
    """Lets the mouse through but at sites: these are dragged, closed and opened in the plan in hand."""

    def __init__(self, window: MainWindow, shelters: Shelters) -> None:
        super().__init__(window.stage.map)
        self._window, self._shelters, self._map = window, shelters, window.stage.map
        self._held: int | None = None
        self._at: Array | None = None
        self._start: ShelterPlan | None = None
        self.row = -1
        self._picking: Callable[[float, float], None] | None = None
        self._towns = Townships(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._map.installEventFilter(self)
        self._map.viewed.connect(self.update)
        shelters.drafted.connect(self._follow)
        shelters.changed.connect(self._follow)
        self.resize(self._map.size())
        self.lower()  # the overview and the map's key lie over it
        self.hide()

    # --- events of the map -------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._map.size())
        elif self._picking is not None:
            return self._point(event)
        elif not self.is_on:
            return False
        elif isinstance(event, QMouseEvent):
            return self._mouse(event)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def pick(self, then: Callable[[float, float], None]) -> None:
        """The next place that is clicked goes to `then`; Escape gives up."""
        self._picking = then
        self._map.setFocus()
        self._map.setCursor(Qt.CursorShape.CrossCursor)

    def _point(self, event: QEvent) -> bool:
        then = self._picking
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._picking = None
            self._map.abort()
            return True
        is_press = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress
        if not is_press or then is None:
            return False
        assert isinstance(event, QMouseEvent)
        self._picking = None
        then(*self._map.view.to_map(event.position().x(), event.position().y()))
        self._map.abort()
        return True

    @property
    def is_on(self) -> bool:
        """Whether sites can be touched: the workspace is open and its case is known."""
        return self._shelters.case is not None and self._window.workspaces.side.workspace == "shelters"

    def _mouse(self, event: QMouseEvent) -> bool:
        at = event.position()
        kind, button = event.type(), event.button()
        if kind == QEvent.Type.MouseMove and self._held is not None:
            self.drag_to(*self._map.view.to_map(at.x(), at.y()))
            return True
        if kind == QEvent.Type.MouseButtonPress and button == Qt.MouseButton.LeftButton:
            return self._press(at)
        if kind == QEvent.Type.MouseButtonRelease and self._held is not None:
            self.put_down()
            self.update()
            return True
        if kind == QEvent.Type.MouseButtonPress and button == Qt.MouseButton.RightButton:
            return self._menu(at)
        return False

    def _press(self, at: QPointF) -> bool:
        plan = self._shelters.draft
        site = -1 if plan is None else self._near(plan.xy, at)
        if plan is not None and site >= 0:
            self._held, self._start = site, plan
            self.look(int(plan.row[site]))
            return True
        case = self._shelters.case
        row = -1 if case is None else self._near(case.xy, at)
        if row >= 0:
            self.look(row)
            return True
        return False

    def _key(self, event: QKeyEvent) -> bool:
        """Escape gives the site back that is in the hand."""
        if event.key() == Qt.Key.Key_Escape and self._start is not None:
            plan, self._held, self._start = self._start, None, None
            self._shelters.amend(plan)
            return True
        return False

    def _near(self, xy: Array, at: QPointF) -> int:
        """The place nearest to a pixel, -1 if none is within reach."""
        if not len(xy):
            return -1
        x, y = self._screen(xy)
        away = np.hypot(x - at.x(), y - at.y())
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= REACH else -1

    def _screen(self, xy: Array) -> tuple[Array, Array]:
        """Pixels of places."""
        left, top = self._map.view.to_screen(0.0, 0.0)
        scale = self._map.view.scale
        return left + xy[:, 0] / scale, top - xy[:, 1] / scale

    def _seen(self, xy: Array) -> Mask:
        """Which places lie in what the map shows."""
        view = self._map.view.extent
        x, y = xy.T
        return np.asarray((x >= view.west) & (x <= view.east) & (y >= view.south) & (y <= view.north))

    # --- what the hand does ------------------------------------------------------------------------------

    def look(self, row: int) -> None:
        """Look at a candidate: the rules panel says what the rules found."""
        self.row = row
        self._shelters.looked.emit(row)
        self._follow()

    def drag_to(self, x: float, y: float) -> None:
        """The site in the hand is here now; those about it are allocated anew."""
        plan = self._shelters.draft
        if plan is not None and self._held is not None:
            self._shelters.amend(dragged(plan, self._held, np.array([x, y])))

    def put_down(self) -> None:
        """The site stays where it is; everybody is allocated anew."""
        plan = self._shelters.draft
        if plan is not None and self._held is not None:
            self._shelters.amend(moved(plan, self._held, plan.xy[self._held]))
        self._held, self._start = None, None

    def hold(self, site: int) -> None:
        """Take a site into the hand."""
        self._held = site

    def drag(self, site: int, x: float, y: float) -> None:
        """Drag a site of the plan under the hand to a place."""
        self.hold(site)
        self.drag_to(x, y)
        self.put_down()

    def close_site(self, site: int) -> None:
        """Close a site."""
        if self._shelters.draft is not None:
            self._shelters.amend(closed(self._shelters.draft, site))

    def open_site(self, row: int) -> None:
        """Open a candidate."""
        if self._shelters.draft is not None:
            self._shelters.amend(opened(self._shelters.draft, row))

    def resize_site(self, site: int, capacity: float) -> None:
        """Give a site another capacity."""
        if self._shelters.draft is not None:
            self._shelters.amend(resized(self._shelters.draft, site, capacity))

    def _menu(self, at: QPointF) -> bool:
        plan, case = self._shelters.draft, self._shelters.case
        if plan is None or case is None:
            return False
        site, row = self._near(plan.xy, at), self._near(case.xy, at)
        if site < 0 and row < 0:
            return False
        menu = QMenu(self._map)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self.deeds(plan, site, row):
            action.setParent(menu)
            menu.addAction(action)
        menu.popup(self._map.mapToGlobal(at.toPoint()))
        return True

    def deeds(self, plan: ShelterPlan, site: int, row: int) -> list[QAction]:
        """What can be done with a site of the plan, or with a candidate that is closed."""
        say = self._window.words.say
        if site >= 0:
            shut, room = QAction(say("shelter.close")), QAction(say("shelter.resize"))
            shut.triggered.connect(lambda: self.close_site(site))
            room.triggered.connect(lambda: self._ask_room(plan, site))
            return [shut, room]
        allowed = bool(plan.case.judgement.is_allowed[row])
        name = say("shelter.open") if allowed else say(
            "shelter.cannot_open", rule="、".join(plan.case.judgement.excluded_by(row)))  # fmt: skip
        action = QAction(name)
        action.setEnabled(allowed)
        action.triggered.connect(lambda: self.open_site(row))
        return [action]

    def _ask_room(self, plan: ShelterPlan, site: int) -> None:
        now = plan.capacity[site] if np.isfinite(plan.capacity[site]) else plan.load[site]
        say = self._window.words.say
        room, given = QInputDialog.getInt(
            self._window, say("shelter.resize"), plan.names[site], int(now), 0, 1_000_000
        )
        if given:
            self.resize_site(site, float(room))

    # --- picture -----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        self.setVisible(self._shelters.draft is not None or self.row >= 0)
        self.resize(self._map.size())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        plan, case = self._shelters.draft, self._shelters.case
        if plan is not None:
            self._towns.paint(painter, plan, self._map.view)
            self._paint_ways(painter, plan)
            self._paint_left(painter, plan)
            self._paint_closed(painter, plan)
            self._paint_sites(painter, plan)
            self._paint_figures(painter, plan)
        if case is not None and 0 <= self.row < len(case.sites):
            x, y = self._screen(case.xy[[self.row]])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor("#e0a100"), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x[0], y[0]), 12, 12)
        painter.end()

    def _paint_ways(self, painter: QPainter, plan: ShelterPlan) -> None:
        flows = plan.flows
        x, y = self._screen(plan.case.points.xy[flows.point])
        u, v = self._screen(plan.xy[flows.site])
        colour = QColor(WAY)
        colour.setAlphaF(0.55)
        painter.setPen(QPen(colour, 1.0))
        ends = zip(x.tolist(), y.tolist(), u.tolist(), v.tolist(), strict=True)
        painter.drawLines([QLineF(*each) for each in ends])

    def _paint_left(self, painter: QPainter, plan: ShelterPlan) -> None:
        rows = np.flatnonzero((plan.unmet > 0) & self._seen(plan.case.points.xy))
        x, y = self._screen(plan.case.points.xy[rows])
        people, caps = plan.unmet[rows], Qt.PenCapStyle
        for least, most, size, cap in ((0, 100, 3.0, caps.SquareCap), (100, 500, 6.0, caps.RoundCap),
                                       (500, np.inf, 9.0, caps.RoundCap)):  # fmt: skip
            mine = (people > least) & (people <= most)
            painter.setPen(QPen(QBrush(QColor(LEFT)), size, c=cap))
            painter.drawPointsNp(x[mine], y[mine])  # type: ignore[arg-type]

    def _paint_closed(self, painter: QPainter, plan: ShelterPlan) -> None:
        """Candidates that could be opened."""
        rows = np.setdiff1d(plan.case.allowed, plan.row)
        x, y = self._screen(plan.case.xy[rows])
        painter.setPen(QPen(QColor("#6b7076"), 1.2))
        painter.setBrush(QColor("#ffffff"))
        seen = self._seen(plan.case.xy[rows])
        corners = zip((x[seen] - 3.5).tolist(), (y[seen] - 3.5).tolist(), strict=True)
        painter.drawRects([QRectF(left, top, 7.0, 7.0) for left, top in corners])

    def _paint_sites(self, painter: QPainter, plan: ShelterPlan) -> None:
        x, y = self._screen(plan.xy)
        with np.errstate(invalid="ignore", divide="ignore"):
            full = np.where(np.isfinite(plan.capacity), plan.load / plan.capacity, 0.0)
        painter.setPen(QPen(QColor("#ffffff"), 1.5))
        for k, (left, top, share) in enumerate(zip(x.tolist(), y.tolist(), full.tolist(), strict=True)):
            painter.setBrush(QColor(FULL if share >= 0.995 else NEARLY if share >= 0.7 else ROOM))
            half = HALF + 2 if k == self._held else HALF
            painter.drawRect(QRectF(left - half, top - half, 2 * half, 2 * half))

    def _paint_figures(self, painter: QPainter, plan: ShelterPlan) -> None:
        """A card at the top: what the hand has changed so far."""
        lines = draft_lines(self._window, self._shelters)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._window.tokens
        painter.setFont(font(13))
        wide = max(painter.fontMetrics().horizontalAdvance(line) for line in lines) + 24
        box = QRectF((self.width() - wide) / 2, 12, wide, 10 + 20 * len(lines))
        painter.setPen(QColor(tokens.line))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(tokens.ink))
        for number, line in enumerate(lines):
            painter.drawText(QPointF(box.left() + 12, box.top() + 20 + 20 * number), line)


def draft_lines(window: MainWindow, shelters: Shelters) -> list[str]:
    """People sheltered and left out, and the mean way, each with what the hand has changed."""
    plan, before = shelters.draft, shelters.before
    assert plan is not None
    assert before is not None
    now, then = _figures(plan), _figures(before)
    facts = {name: number_words(now[name], 0) for name in now}
    facts |= {f"{name}_more": f"{now[name] - then[name]:+,.0f}" for name in now}
    say = window.words.say
    lines = [say("shelter.draft_people", **facts), say("shelter.draft_ways", **facts)]
    found = against_bound(plan)
    if found is not None:
        note = say("shelter.draft_gap_note") if found.why else ""
        lines.append(say("shelter.draft_gap", gap=f"{found.gap:.2%}", sites=found.sites, note=note))
    return lines


def _figures(plan: ShelterPlan) -> dict[str, float]:
    people = float(plan.flows.people.sum())
    return {
        "sites": float(len(plan.row)),
        "assigned": people,
        "unmet": float(plan.unmet.sum()),
        "mean": float(plan.flows.people @ plan.flows.cost) / people if people else 0.0,
        "furthest": float(plan.flows.cost.max(initial=0.0)),
    }
