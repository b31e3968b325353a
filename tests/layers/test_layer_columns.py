"""A layer that was read without columns needs no pandas until somebody looks at them."""

import subprocess
import sys

import numpy as np
import shapely

from layers.cartography.raster import compile_kernels
from layers.layer import Shapes, VectorLayer


def bare(count=3):
    return VectorLayer("x", "", "", Shapes.of([shapely.Point(k, k) for k in range(count)]), None)


def test_a_layer_without_columns_has_a_table_of_as_many_rows():
    layer = bare()
    assert len(layer) == 3
    assert not layer.has_columns
    assert layer.attributes.shape == (3, 0)
    assert layer.with_columns({"a": [1, 2, 3]})["a"].tolist() == [1, 2, 3]


def test_rows_of_a_layer_without_columns_have_none():
    taken = bare().take(np.array([2, 0]))
    assert taken.shapes.xy[:, 0].tolist() == [2, 0]
    assert not taken.has_columns
    assert len(bare().take(np.zeros(3, np.bool_)).attributes) == 0


DRAW = """
import sys
import numpy as np
import shapely
from layers.cartography.render import draw, new_image
from layers.cartography.style import Fill, Style, Symbol
from layers.cartography.view import View
from layers.grid import Extent
from layers.late import Late
from layers.layer import Shapes, VectorLayer
layer = VectorLayer("x", "", "", Shapes.of([shapely.box(1, 1, 7, 7)]), None)
view = View(Extent(0, 0, 8, 8), 8, 8)
image = new_image(view)
draw(image, layer.take(np.array([0])), Style(symbol=Symbol(fill=Fill(color="#ff0000"))), view)
assert image[4, 4, 0] == 255
print(isinstance(sys.modules["pandas"], Late), "numba" in sys.modules)
"""


def test_it_is_drawn_without_pandas_and_without_numba():
    compile_kernels()
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
