"""Folders that go with what was made of their files."""

import subprocess
import sys
from pathlib import Path

from layers.storage.passing import in_passing
from tests.waiting import becomes_true

MADE = """
from layers.storage.passing import in_passing
class Made: pass
def make(folder):
    (folder / "file").write_text("x")
    print(folder)
    return Made()
made = in_passing(make)
"""


class Made:
    folder: Path


def test_a_folder_goes_with_what_was_made_of_its_files() -> None:
    def make(folder: Path) -> Made:
        made = Made()
        made.folder = folder
        (folder / "file").write_text("x", encoding="utf-8")
        return made

    made = in_passing(make)
    folder = made.folder
    assert (folder / "file").exists()
    del made
    assert becomes_true(lambda: not folder.exists())


def test_it_goes_at_the_end_of_the_program_at_the_latest() -> None:
    done = subprocess.run([sys.executable, "-c", MADE], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
    assert done.stderr == ""
