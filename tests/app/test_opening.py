"""What the window does not need is not imported before it is there."""

import subprocess
import sys

HEAVY = ("numba", "scipy", "matplotlib", "openpyxl", "mapclassify", "folium", "fontTools")


def test_the_window_opens_without_compilers_solvers_and_printers():
    code = f"import sys, app.main_window; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
