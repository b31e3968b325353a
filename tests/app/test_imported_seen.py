"""What was imported is on the map, chosen, and said."""

from pathlib import Path
from typing import Any

import geopandas
import shapely

Bench = Any
WEST, SOUTH = 380_000.0, 4_170_000.0


def test_an_imported_layer_is_seen_chosen_and_named(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "学校补充.geojson"
    points = shapely.points([[WEST + 500, SOUTH + 500], [WEST + 700, SOUTH + 500]])
    frame = geopandas.GeoDataFrame({"名称": ["一小", "二小"]}, geometry=points, crs="EPSG:4548")
    frame.to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
    bench.window.files.bring([path])
    bench.settle()
    stack = bench.window.stack
    entry = next(entry for entry in stack.entries if entry.geometry == "point")
    assert stack.is_seen(entry.name)
    assert bench.window.layers.chosen == entry.name
    assert "（2 个要素）" in bench.notices()
