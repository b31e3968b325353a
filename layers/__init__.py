"""The domain of riskatlas, without Qt: everything here is a layer, makes one, or draws one."""

from layers.kernels import settle
from layers.late import delay

settle()
delay("highspy", "pandas", "pyproj", "rasterio")
