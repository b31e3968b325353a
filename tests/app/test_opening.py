"""What the window does not need is not imported before it is there."""

import subprocess
import sys

from app.stack import style_of
from layers.cartography.qml import qml
from layers.storage.geopackage import ProjectFile

HEAVY = ("numba", "scipy", "matplotlib", "openpyxl", "mapclassify", "folium", "fontTools")


def test_the_window_opens_without_compilers_solvers_and_printers():
    code = f"import sys, app.main_window; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_qgis_is_told_how_all_layers_are_drawn_once_and_before_the_project_is_put_away(bench):
    window, path = bench.window, bench.project.path
    window.stack._tell_qgis()
    window.files.close()
    with ProjectFile.open(path, read_only=True) as project:
        styles = {e.name: qml(style_of(e, "zh_CN"), e.geometry) for e in project.layers()}
        assert project.has_styles(styles)
