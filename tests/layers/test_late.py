"""Libraries that are imported late are what they are, whoever comes first."""

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from layers.late import Late, delay

delay("slow", "no_such_library")
import slow
assert isinstance(slow, Late) and "no_such_library" not in sys.modules
with ThreadPoolExecutor(4) as pool:
    assert [*pool.map(lambda _: slow.AFTER, range(8))] == [2] * 8
assert slow.inner.SEEN == 1 and sys.modules["slow"].TIMES == [1]
import slow as again, slow.inner
from slow import BEFORE
assert not isinstance(again, Late) and again.AFTER == 2
try:
    slow.nothing
except AttributeError:
    print("whole")
"""
SLOW = "import time\nTIMES = [1]\nBEFORE = 1\ntime.sleep(0.05)\nfrom slow import inner\nAFTER = 2\n"


def test_what_is_delayed_is_imported_once_and_whole_when_something_of_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "__init__.py").write_text(SLOW, encoding="utf-8")
    (tmp_path / "slow" / "inner.py").write_text("import slow\nSEEN = slow.BEFORE\n", encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{CODE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("whole\n", "")


def test_a_part_of_a_late_library_is_loaded_once() -> None:
    program = """
import sys
from layers.late import delay
delay("json")
from json.decoder import JSONDecodeError
import json, json.scanner
print(json.JSONDecodeError is JSONDecodeError, json.decoder.__spec__.origin == json.decoder.__file__)
from rasterio.windows import Window
import rasterio, rasterio.io, rasterio.windows
print(rasterio.windows.Window is Window is rasterio._io.Window)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True"] * 3, done.stderr
