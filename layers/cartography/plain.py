"""Cells in colours without the kernels: one look-up for the picture, as long as they are compiled."""

from dataclasses import replace

import numpy as np

from layers.cartography.raster import cells_under
from layers.cartography.style import Style
from layers.cartography.timed import style_codes, style_table
from layers.cartography.view import Image, View
from layers.grid import Grid


def plain_cells(grid: Grid, style: Style, view: View) -> Image:
    """A grid in the colours of its style, without relief, hatches or the opacity of the whole.

    Parameters
    ----------
    grid : Grid
        NaN is not drawn.
    style : Style
    view : View

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
        Premultiplied; each pixel takes the cell under its centre, clear where there is none.
    """
    rows, columns = cells_under(grid, view)
    values = np.asarray(grid.values, np.float32)[rows[:, None], columns]
    values[rows < 0] = np.nan
    values[:, columns < 0] = np.nan
    return style_table(replace(style, opacity=1.0))[style_codes(values, style)]
