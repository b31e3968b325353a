"""Kernels kept as object code: the same pictures without numba, and numba wherever that will not do."""

import subprocess
import sys

import numpy as np
import pytest
import shapely
from shapely import affinity

from layers.cartography import oblique
from layers.cartography.breaks import natural_breaks
from layers.cartography.merge import merge
from layers.cartography.picture import Coat, paint
from layers.cartography.raster import KERNELS, View, compile_kernels, new_image
from layers.cartography.render import draw, draw_shapes, painter_from_afar
from layers.cartography.style import BLENDS, Fill, Marker, Ramp, Stroke, Style, StyleClass, Symbol
from layers.grid import Extent, Grid, Lattice
from layers.kernels import Kernel, door, keep, kernel, machine
from layers.layer import Shapes
from layers.siting import transport
from layers.storage.unpack import unpacked

DRAWN = (*KERNELS, oblique.walk_columns)
SIDE = 160


@pytest.fixture(scope="module", autouse=True)
def compiled():
    compile_kernels()
    oblique.compile_kernels()


def hard_shapes():
    """Holes, rings that cross and touch themselves, slivers, many parts, what leaves the view, specks."""
    rng = np.random.default_rng(11)
    star = [(80 + 70 * np.sin(2.513 * k), 80 + 70 * np.cos(2.513 * k)) for k in range(6)]
    holes = [shapely.box(x, y, x + 9, y + 9).exterior.coords for x in (40, 90) for y in (30, 80)]
    slivers = [shapely.Polygon([(5, 5 + 9 * i), (155, 5 + 9 * i), (155, 5.2 + 9 * i)]) for i in range(16)]
    polygons = [
        shapely.Polygon(star),
        shapely.Polygon(shapely.box(20, 20, 130, 130).exterior.coords, holes),
        shapely.Polygon([(10, 10), (80, 80), (150, 10), (150, 150), (80, 80), (10, 150)]),
        shapely.MultiPolygon([affinity.rotate(each, 7, origin=(80, 80)) for each in slivers]),
        shapely.Polygon(rng.uniform(-900, 1300, (40, 2))),
        *(affinity.rotate(shapely.box(x, y, x + 4, y + 3), x) for x, y in rng.uniform(0, 156, (60, 2))),
        shapely.box(70, 70, 70.4, 70.3),
    ]
    tangled = shapely.LineString(rng.uniform(-40, 200, (60, 2)))
    lines = [tangled, shapely.LineString([(3, 3), (90, 4), (5, 5), (90, 90)])]
    points = [shapely.Point(*xy) for xy in rng.uniform(0, SIDE, (700, 2))]
    return [Shapes.of(each) for each in (polygons, lines, points, points[:20])]


SYMBOLS = (
    Symbol(
        fill=Fill(color="#2050a0", opacity=0.6),
        stroke=Stroke(color="#223344", width_mm=0.25),
        marker=Marker(shape="star", glyph="fire"),
    ),
    Symbol(fill=Fill(hatch="cross"), stroke=Stroke(width_mm=2.0, cap="round", join="round")),
    Symbol(
        stroke=Stroke(width_mm=1.1, dash=(2, 1), cap="square", join="bevel"),
        casing=Stroke(width_mm=3),
        marker=Marker(glyph="tree", size_mm=5),
    ),
    Symbol(stroke=Stroke(width_mm=0.3, opacity=0.5, dash=(1, 1))),
)


def drawn_and_reckoned(away):
    """All that the kernels make: of shapes, grids, blends, boxes, an oblique view, and numbers."""
    view = View(Extent(away, away, away + SIDE, away + SIDE), SIDE, SIDE)
    values = np.hypot(*np.mgrid[0:40, 0:40]) * 3
    grid = Grid(np.where(values % 11 < 1, np.nan, values), Lattice(away, away + SIDE, SIDE / 40, 40, 40, ""))
    classes = StyleClass(SYMBOLS[0], lower=0, upper=40), StyleClass(SYMBOLS[1], lower=40, upper=80)
    styles = Style(kind="graduated", classes=classes), Style(kind="raster", ramp=Ramp(upper=90, relief=0.7))
    found = []
    for shapes in map(moved, hard_shapes(), [away] * 4):
        for symbol in SYMBOLS:
            found.append(new_image(view, "#ffffff"))
            draw_shapes(found[-1], shapes, np.zeros(len(shapes), np.int64), [symbol], view)
    for style in styles:
        found.append(new_image(view, "#ffffff"))
        draw(found[-1], grid, style, view)
    for blend in BLENDS:
        found.append(found[0] // 2)
        merge(found[-1], found[1], 0.7, blend)
    boxes = moved(hard_shapes()[0], away).boxes
    found.append(new_image(view))
    paint(found[-1], [Coat((painter_from_afar(boxes, Style(symbol=SYMBOLS[0]), view),))], view)
    ground, colours = values.astype(np.float32), np.full((40, 40, 4), 120, np.uint8)
    relief = oblique.Surface.of(oblique.Relief(ground, colours, ground % 7, colours, 4.0), 2.0)
    found.append(oblique.draw_oblique(relief, oblique.Stance(), 90, 70))
    return [*found, natural_breaks(np.unique(values), np.ones(len(np.unique(values))), 6), *read_back()]


def moved(shapes, away):
    return Shapes(shapes.kind, shapes.xy + away, shapes.offsets)


def read_back():
    """Coordinates and offsets of polygons as a GeoPackage holds them."""
    polygons = [shapely.MultiPolygon([shapely.box(k, k, k + 2, k + 3)] * k) for k in (1, 2, 3)]
    head = b"GP\0\1" + (4548).to_bytes(4, "little")
    shapes = unpacked([head + shapely.to_wkb(each, byte_order=1) for each in polygons], "polygon")
    return [shapes.xy, *shapes.offsets]


@pytest.mark.parametrize("away", [0.0, 1e7])
def test_kernels_draw_the_same_kept_or_compiled_to_the_last_bit(away, monkeypatch):
    def never():
        raise AssertionError("a kernel was called with types of arguments for which it is not kept")

    for each in DRAWN:
        monkeypatch.setattr(each, "_doors", door.Doors(door.read(each.kept), never))
    kept = drawn_and_reckoned(away)
    for each in DRAWN:
        monkeypatch.setattr(each, "_doors", each.made())
    for one, other in zip(kept, drawn_and_reckoned(away), strict=True):
        np.testing.assert_array_equal(one, other)


DRAW_ALL = """
import sys
from layers.cartography import oblique
from layers.cartography.raster import kernels_loaded, kernels_ready, load_kernels
assert kernels_ready() and not kernels_loaded()
load_kernels()
oblique.walk_columns._found()
assert kernels_loaded()
print("numba" in sys.modules)
"""


def test_a_process_that_draws_after_warm_never_imports_numba():
    done = subprocess.run([sys.executable, "-c", DRAW_ALL], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


HOLD_A_SITE = """
import sys
import numpy as np
from layers.siting.transport import moved
flow = moved(np.array([[1.0, 9.0], [2.0, 9.0]]), np.ones(2), np.array([1.0, np.inf]), np.zeros((2, 2)), 0)
assert flow.tolist() == [[1, 0], [0, 1]]
print("numba" in sys.modules)
"""


def test_a_site_in_the_hand_waits_for_no_compiler():
    transport.compile_kernels()
    done = subprocess.run([sys.executable, "-c", HOLD_A_SITE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_people_are_placed_the_same_kept_or_compiled(monkeypatch):
    transport.compile_kernels()
    rng, found = np.random.default_rng(3), []
    cost = np.append(rng.uniform(1, 9, (120, 9)), np.full((120, 1), 99.0), axis=1)
    people, room = rng.integers(1, 40, 120).astype(float), np.append(np.full(9, 250.0), np.inf)
    for doors in (door.read(transport.place_all.kept), None):
        made = transport.place_all.made()
        kept = made if doors is None else door.Doors(doors, lambda: pytest.fail("not kept for these"))
        monkeypatch.setattr(transport.place_all, "_doors", kept)
        flow = np.zeros_like(cost)
        transport.fill(cost, people, room, flow)
        found += [flow, transport.moved(np.roll(cost, 1, axis=0), people, room, flow, 2)]
    np.testing.assert_array_equal(found[:2], found[2:])
    assert found[0].sum(axis=1).tolist() == people.tolist()


def doubled(values, scale, is_odd):
    for i in range(len(values)):
        values[i] = values[i] * scale + is_odd
    return len(values)


@pytest.fixture
def double(tmp_path, monkeypatch):
    """A kernel that was compiled for one sort of arguments and kept, and is not loaded yet."""
    monkeypatch.setattr("layers.kernels.compiling.settle", lambda: tmp_path)
    first = Kernel(doubled)
    first(np.ones(3), 2.0, True)
    keep([first])
    return Kernel(doubled)


def test_a_kept_kernel_is_numba_s_for_other_types_of_arguments(double):
    values = np.arange(3.0)
    assert double(values, 2.0, True) == 3
    assert values.tolist() == [1, 3, 5]
    assert double._made is None
    for other in (np.arange(6.0)[::2], np.arange(3), np.arange(3, dtype=">f8")):
        if other.dtype.isnative:
            expected = (other * 3.0 + 0).tolist()
            assert double(other, 3, False) == 3
            assert other.tolist() == expected
    assert double._made is not None


def test_numbers_of_numpy_are_numbers(double):
    values = np.arange(3.0)
    double(values, np.float64(2.0), np.bool_(False))
    assert values.tolist() == [0, 2, 4]
    assert double._made is None


def test_what_a_kernel_may_not_write_is_not_given_to_a_door(double):
    values = np.arange(3.0)
    values.setflags(write=False)
    with pytest.raises(Exception, match=r"[Rr]eadonly|[Cc]annot modify"):
        double(values, 2.0, True)
    assert values.tolist() == [0, 1, 2]


@pytest.mark.parametrize("torn", [b"", b"x" * 20, None])
def test_a_torn_file_is_never_run(double, torn):
    whole = double.kept.read_bytes()
    double.kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if torn is None else whole[: len(torn)])
    assert door.read(double.kept) is None
    values = np.arange(3.0)
    double(values, 2.0, True)
    assert values.tolist() == [1, 3, 5]
    assert double._made is not None
    keep([double])
    assert door.read(double.kept) is not None  # made anew


def test_code_for_another_processor_or_another_llvm_is_not_looked_at(double, monkeypatch):
    monkeypatch.setattr(machine, "name", lambda: "another")
    assert not double.kept.exists()
    assert double(np.ones(2), 1.0, False) == 2
    assert double._made is not None


def test_code_that_needs_what_this_system_lacks_is_not_loaded(double, monkeypatch):
    door.write(double.kept, b"", ["no_such_function"], [door.Signature("f", ("d",), "q")])
    assert door.read(double.kept) is None


def allocates(n):
    return np.zeros(n).sum()


def raises(n):
    if n > 3:
        raise ValueError("n")
    return n


def gives_an_array(values):
    return values


def takes_text(word):
    return len(word)


@pytest.mark.parametrize(
    ("function", "given", "reason"),
    [
        (allocates, 3, "NRT"),
        (raises, 1, "it can raise"),
        (gives_an_array, np.ones(2), "it returns array"),
        (takes_text, "abc", "it takes unicode"),
    ],
)
def test_a_kernel_that_needs_more_than_the_c_library_stays_with_numba_and_the_log_says_why(
    function, given, reason, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("layers.kernels.compiling.settle", lambda: tmp_path)
    made = kernel(function)
    made(given)
    keep([made])
    assert reason in caplog.text
    assert f"{made.file[:-1]} stays with numba" in caplog.text
    assert not made.kept.exists()
    made(given)
