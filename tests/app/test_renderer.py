"""The thread that draws: whole pictures, mended pictures, pictures given up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from PySide6.QtCore import QObject, Slot

from app.canvas import shelf
from app.canvas.amending import Amended, touched
from app.canvas.renderer import Renderer
from app.canvas.scene import Drawable, Scene
from app.canvas.viewport import Viewport
from layers.cartography.raster import compile_kernels
from layers.cartography.style import Fill, Label, Stroke, Style, Symbol
from layers.changes import Change, ColumnChanges, Edit
from layers.grid import Extent, Grid, Lattice
from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid
from tests.waiting import LONG

STYLE = Style(symbol=Symbol(fill=Fill(color="#c04040", hatch="diagonal"), stroke=Stroke(color="#202020")))
VIEW = Viewport(500, 500, 2.5, 400, 400)


@pytest.fixture
def project(tmp_path):
    compile_kernels()
    squares = [shapely.box(x, y, x + 30, y + 24) for x in range(0, 1000, 50) for y in range(0, 1000, 50)]
    layer = VectorLayer(
        "house", "", "EPSG:4548", Shapes.of(squares), pd.DataFrame({"n": range(len(squares))})
    )
    with ProjectFile.create(tmp_path / "p.gpkg") as opened:
        opened.apply(load("made", [layer], opened))
        yield opened


class Album(QObject):
    """Keeps what is drawn. A QObject: a plain callable may be gone when a picture under way arrives."""

    def __init__(self, renderer):
        super().__init__(renderer)
        self.pictures = []
        renderer.drawn.connect(self.take)

    @Slot(object)
    def take(self, drawing):
        self.pictures.append(drawing)

    def next(self, qtbot, ask, is_it):
        """The first picture after the question that is the one."""
        before = len(self.pictures)
        ask()
        qtbot.waitUntil(lambda: any(map(is_it, self.pictures[before:])), timeout=LONG)
        return next(filter(is_it, self.pictures[before:]))


@pytest.fixture
def renderer(qtbot):
    made = Renderer()
    made.album = Album(made)
    made.start()
    yield made
    made.stop()


def scene_of(project, style=STYLE, view=VIEW):
    return Scene(project.path, (Drawable(project.layer("house"), style),), view)


def final(qtbot, renderer, scene):
    is_it = lambda drawing: drawing.is_final and drawing.view == scene.view  # noqa: E731
    return renderer.album.next(qtbot, lambda: renderer.ask(scene), is_it)


def moved(project, number, dx):
    """The change that moves a house."""
    key = list(project.table("house"))[number]
    before = project.table("house")[key]
    shape = shapely.transform(shapely.from_wkb(before["geom"]), lambda xy: xy + [dx, 0])
    return Change("house", key, before, {**before, "geom": shapely.to_wkb(shape, byte_order=1)})


def test_a_mended_picture_is_the_picture_drawn_anew(qtbot, project, renderer, monkeypatch):
    monkeypatch.setattr(shelf, "LARGE", 10)
    scene = scene_of(project)
    before = final(qtbot, renderer, scene).pixels.copy()
    edit = Edit("move", (moved(project, 187, 9.0),))
    project.apply(edit)
    renderer.follow(edit)
    mended = renderer.album.next(qtbot, lambda: renderer.ask(scene), lambda drawing: not drawing.is_final)
    after = final(qtbot, renderer, scene)
    monkeypatch.setattr(shelf, "LARGE", 10**9)
    renderer.forget(frozenset({"house"}))
    anew = final(qtbot, renderer, scene)
    assert (before != anew.pixels).any()
    assert (np.abs(mended.pixels.astype(int) - anew.pixels).max(axis=2) > 2).sum() == 0
    assert (np.abs(after.pixels.astype(int) - anew.pixels).max(axis=2) > 2).sum() == 0


def test_a_layer_is_read_anew_for_a_column_only_if_it_shows_it(qtbot, project, renderer):
    scene = scene_of(project)
    final(qtbot, renderer, scene)
    lies = lambda: [one.layer for one in renderer._shelf._kept.values()]  # noqa: E731
    (before,) = lies()
    keys = list(project.table("house"))
    changes = ColumnChanges("house", ("n",), keys, (list(range(len(keys))),), ([7] * len(keys),))
    project.apply(Edit("fill", changes))
    renderer.follow(Edit("fill", changes))
    final(qtbot, renderer, scene)
    assert lies() == [before]
    by_column = scene_of(project, replace(STYLE, label=Label("n")))
    renderer.forget(frozenset({"house"}))
    final(qtbot, renderer, by_column)
    (before,) = lies()
    renderer.follow(Edit("fill", ~changes))
    final(qtbot, renderer, by_column)
    assert lies() != [before]


def test_an_amended_layer_hides_what_changed_and_forgets_what_was_taken_back(project):
    layer = Amended.of(project.read("house"))
    change = moved(project, 5, 9.0)
    there = layer.after([change])
    assert there.hidden.tolist() == [5]
    assert len(there.fresh) == 1
    removed = there.after([replace(change, before=change.after, after=None)])
    assert removed.hidden.tolist() == [5]
    assert not len(removed.fresh)
    assert touched([change]).width == pytest.approx(39)
    added = layer.after([replace(change, before=None, key="new")])
    assert not len(added.hidden)
    assert len(added.fresh) == 1


def test_the_newest_scene_wins(qtbot, project, renderer):
    pictures = renderer.album.pictures
    for step in range(20):
        renderer.ask(scene_of(project, view=replace(VIEW, x=500 + step)))
    qtbot.waitUntil(lambda: bool(pictures) and pictures[-1].view.x == 519, timeout=LONG)
    assert len(pictures) < 20


def test_opacity_and_blending_are_of_the_layer_as_a_whole(qtbot, project, renderer):
    half = final(qtbot, renderer, scene_of(project, replace(STYLE, opacity=0.5)))
    assert half.pixels[..., 3].max() == 128


def test_two_pictures_of_a_place_read_what_both_show_once(qtbot, project, renderer, monkeypatch):
    reads, read = [], shelf.read_drawn
    monkeypatch.setattr(shelf, "read_drawn", lambda *words: reads.append(words[1].name) or read(*words))
    scene = scene_of(project)
    other = replace(scene.drawables[0], style=replace(STYLE, opacity=0.5))
    both = replace(scene, beside=(other,))
    is_other = lambda drawing: drawing.is_final and drawing.is_beside  # noqa: E731
    right = renderer.album.next(qtbot, lambda: renderer.ask(both), is_other)
    left = next(drawing for drawing in renderer.album.pictures if not drawing.is_beside)
    assert reads == ["house"]
    assert left.pixels[..., 3].max() == 255
    assert right.pixels[..., 3].max() == 128


@pytest.mark.parametrize("pixel", [4.0, 10.0, 25.0, 90.0])
def test_a_large_raster_is_read_piece_by_piece_in_its_place(tmp_path, pixel):
    lattice = Lattice(1000.0, 9000.0, 10.0, 701, 903, "EPSG:4548")
    numbers = np.arange(lattice.rows)[:, None] * 1000.0 + np.arange(lattice.columns)
    write_grid(Grid(numbers, lattice), tmp_path / "r.tif")
    extent = Extent(3333.0, 4444.0, 9000.0, 7777.0)
    piece = shelf._piece(tmp_path / "r.tif", lattice, extent, pixel)
    assert piece.lattice.cell <= max(pixel, lattice.cell)
    held = piece.lattice.extent
    assert held.west <= extent.west
    assert held.north >= extent.north
    assert held.east >= extent.east
    assert held.south <= extent.south
    east, north = np.random.default_rng(3).uniform((3333, 4444), (9000, 7777), (500, 2)).T
    rows, columns = np.divmod(piece.at(east, north), 1000)
    side = 1.5 * max(piece.lattice.cell, lattice.cell)
    assert np.abs(lattice.west + lattice.cell * (columns + 0.5) - east).max() <= side
    assert np.abs(lattice.north - lattice.cell * (rows + 0.5) - north).max() <= side
    beyond = shelf._piece(tmp_path / "r.tif", lattice, Extent(50_000, 0, 60_000, 10_000), pixel)
    assert np.isnan(beyond.values).all()
