"""Cells without the kernels: the same picture as with them."""

import numpy as np
import pytest

from layers.cartography.plain import plain_cells
from layers.cartography.render import draw, new_image
from layers.cartography.style import Fill, Ramp, Style, StyleClass, Symbol
from layers.cartography.view import View
from layers.grid import Extent, Grid, Lattice

CLASSES = Style(
    kind="graduated",
    symbol=Symbol(),
    classes=tuple(
        StyleClass(Symbol(Fill(colour, opacity)), lower=float(n), upper=float(n + 2))
        for n, colour, opacity in ((0, "#fee5d9", 1.0), (2, "#fb6a4a", 0.6), (4, "#a50f15", 1.0))
    ),
)
RAMP = Style(kind="raster", ramp=Ramp(upper=6.0))


@pytest.mark.parametrize(("style", "off"), [(CLASSES, 0), (RAMP, 3)], ids=["classes", "ramp"])
def test_a_plain_picture_of_cells_is_that_of_the_kernels(style: Style, off: int) -> None:
    chance = np.random.default_rng(7)
    values = chance.uniform(0, 7, (30, 40))
    values[chance.random(values.shape) < 0.2] = np.nan
    grid = Grid(values, Lattice(1000.0, 900.0, 30.0, 30, 40, ""))
    view = View(Extent(700.0, 100.0, 1900.0, 1000.0), 160, 120)  # beyond three edges, pixels of 7.5 m
    image = new_image(view)
    draw(image, grid, style, view)
    found = plain_cells(grid, style, view)
    assert (found[..., 3] > 0).sum() > 3000
    assert np.abs(found.astype(int) - image).max() <= off
