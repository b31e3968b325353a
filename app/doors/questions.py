"""Questions that a file cannot answer itself: asked once, with a picture of each answer."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QRadioButton, QWidget

from app.canvas.viewport import Viewport
from app.panels.parts import column, deed_and_cancel
from app.words import Words
from layers.errors import KnownError, UnknownCrs
from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.storage.crs import named_crs, transformed_extent
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile
from layers.storage.surroundings import Doubt, doubt_of, surroundings

MOST_POINTS = 1500


@dataclass(frozen=True)
class Question:
    """What is not known of a file.

    Parameters
    ----------
    error : UnknownCrs
        With ``path`` and ``candidates``.
    answers : dict
        What `read_file` is to be told, by candidate.
    shapes : dict
        Where the file's features would lie, by candidate.
    region : Shapes or None
    """

    error: UnknownCrs
    answers: dict[str, dict[str, str]]
    shapes: dict[str, Shapes]
    region: Shapes | None


def question_of(error: UnknownCrs, project: ProjectFile) -> Question | None:
    """The question behind an error, with the file read in each way; ``None`` if nothing is to choose."""
    candidates = [word for word in str(error.facts.get("candidates", "")).split("、") if word]
    if not candidates:
        return None
    option = "gcj02" if error.key == "shift_unknown" else "crs"
    answers = {word: {option: word} for word in candidates}
    known = surroundings(project)
    region = next((layer.shapes for layer in known if layer.geometry_kind == "polygon"), None)
    shapes, path = {}, Path(str(error.facts["path"]))  # it was read once already, without harm
    for word, ways in answers.items():
        try:
            found = read_file(path, target_crs=project.crs, **ways).layer  # type: ignore[arg-type]
        except KnownError:
            continue
        if isinstance(found, VectorLayer):
            shapes[word] = found.shapes
        else:
            shapes[word] = Shapes.of(
                [shapely.box(*transformed_extent(found.lattice.extent, found.lattice.crs, project.crs))]
            )
    return Question(error, answers, shapes, region)


class QuestionPage(QDialog):
    """One question: a sentence, the answers, a picture of the one that is chosen."""

    def __init__(self, question: Question, words: Words, parent: QWidget, *, several: bool = False) -> None:
        super().__init__(parent)
        self._question = question
        self.setWindowTitle(words.say("question.title"))
        error = question.error
        facts = {**error.facts, "path": Path(str(error.facts["path"])).name}
        told = words.say(f"error.{error.key}", **facts)
        sentence = QLabel(f"{told}\n{words.say(f'question.hint.{error.key}')}", wordWrap=True)
        self.picture = Picture(question.region)
        layout = column(self, 16, 8)
        layout.addWidget(sentence)
        self.answers: dict[str, QRadioButton] = {}
        for word in question.answers:
            button = self.answers[word] = QRadioButton(answer_words(word, words))
            button.toggled.connect(lambda on, w=word: self._show(w) if on else None)
            layout.addWidget(button)
        self.picture.setToolTip(words.say("question.wheel"))
        layout.addWidget(self.picture, 1)
        self.all = QCheckBox(words.say("question.alike"))
        self.all.setVisible(several)
        self._several = several
        layout.addWidget(self.all)
        buttons, self._fine = deed_and_cancel(self, words.say("question.take"))
        self._fine.setEnabled(False)  # nothing is chosen for the user
        layout.addWidget(buttons)

    def _show(self, word: str) -> None:
        self._fine.setEnabled(True)
        self.picture.show_shapes(self._question.shapes.get(word))

    @property
    def about(self) -> Path | Doubt:
        """The file that the answer is for, or all of which the same is in doubt."""
        error = self._question.error
        alike = self._several and self.all.isChecked()
        return doubt_of(error) if alike else Path(str(error.facts["path"]))

    @property
    def answer(self) -> dict[str, str]:
        """What `read_file` is to be told."""
        chosen = next(word for word, button in self.answers.items() if button.isChecked())
        return self._question.answers[chosen]


def answer_words(word: str, words: Words) -> str:
    """A candidate as one reads it."""
    if word.startswith("EPSG:"):
        import pyproj

        return f"{word}  {pyproj.CRS(named_crs(word)).name}"
    return words.say(f"question.{word}")


class Picture(QWidget):
    """The region, and where the file's features would lie."""

    def __init__(self, region: Shapes | None) -> None:
        super().__init__()
        self._region, self._shapes = region, None
        self.setMinimumSize(QSize(420, 260))

    _shapes: Shapes | None
    _zoom = 1.0

    def show_shapes(self, shapes: Shapes | None) -> None:
        self._shapes = shapes
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nearer to the middle of the data, or away: a shift of half a kilometre is small in a city."""
        step = 1.4 if event.angleDelta().y() > 0 else 1 / 1.4
        self._zoom = min(max(self._zoom * step, 1.0), 200.0)
        self.update()

    def _view(self, whole: Extent) -> Viewport:
        view = Viewport.fitting(whole.grown(1.0), self.width(), self.height())
        extent = self._shapes.extent if self._shapes is not None else None
        if self._zoom == 1.0 or extent is None:
            return view
        x, y = self._middle or ((extent.west + extent.east) / 2, (extent.south + extent.north) / 2)
        self._middle = x, y  # it stays where it is when another answer is looked at
        return replace(view, x=x, y=y, scale=view.scale / self._zoom)

    _middle: tuple[float, float] | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        extents = [s.extent for s in (self._region, self._shapes) if s is not None and s.extent is not None]
        if not extents:
            return
        west, south, east, north = np.array(extents).T
        whole = Extent(west.min(), south.min(), east.max(), north.max())
        view = self._view(whole)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._region is not None:
            painter.setPen(QPen(self.palette().placeholderText().color(), 1))
            for ring in _rings(self._region):
                painter.drawPolyline(QPolygonF([QPointF(*view.to_screen(x, y)) for x, y in ring]))
        if self._shapes is not None:
            painter.setPen(QPen(QColor("#d9480f"), 4))
            step = max(len(self._shapes.xy) // MOST_POINTS, 1)
            for x, y in self._shapes.xy[::step].tolist():
                painter.drawPoint(QPointF(*view.to_screen(x, y)))


def _rings(shapes: Shapes) -> list[Any]:
    simple = shapely.simplify(shapes.geometries(), 200.0)
    rings = shapely.get_parts(shapely.boundary(simple))
    return [shapely.get_coordinates(ring) for ring in rings]
