"""Kernels are never taken from another state of their sources."""

import os
from pathlib import Path

import pytest

from layers.cartography import fill
from layers.kernels import folder

KERNEL = "from numba import njit\nfrom layers.b import SIDE\n\n\n@njit\ndef f():\n    return SIDE\n"


def package(root: Path, **files: str) -> Path:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")
    return root


def test_a_changed_kernel_or_constant_gives_another_folder_and_nothing_else_does(tmp_path: Path) -> None:
    root = package(tmp_path, a=KERNEL, b="SIDE = 1\n", c="WORDS = 1\n")
    first = folder.fingerprint(root)
    assert folder.fingerprint(package(root, c="WORDS = 2\n")) == first
    assert folder.fingerprint(package(root, b="SIDE = 2\n")) != first
    assert folder.fingerprint(package(root, b="SIDE = 1\n")) == first
    assert folder.fingerprint(package(root, a=KERNEL + "\n")) != first


def test_the_same_sources_in_another_place_have_a_folder_of_their_own(tmp_path: Path) -> None:
    places = tmp_path / "one", tmp_path / "other"
    for place in places:
        place.mkdir()
    one, other = (folder.fingerprint(package(place, a=KERNEL)) for place in places)
    assert one != other


def test_the_kernels_of_this_process_lie_in_the_folder_of_their_sources() -> None:
    settled = folder.settle()
    assert settled.name == folder.fingerprint()
    assert settled in Path(fill.fill_chunk.made().stats.cache_path).parents


def test_a_fingerprint_is_noted_and_never_taken_for_that_of_other_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root").mkdir()
    root, note = package(tmp_path / "root", a=KERNEL, b="SIDE = 1\n"), tmp_path / "kept" / "note"
    first = folder.known_fingerprint(root, note)
    assert first == folder.fingerprint(root)
    assert not note.exists()  # the sources are younger than the coarsest clock
    monkeypatch.setattr(folder, "_TICK", -1.0)
    assert folder.known_fingerprint(root, note) == first
    assert note.read_text(encoding="utf-8").startswith(first)
    monkeypatch.setattr(folder, "fingerprint", lambda root: "reckoned anew")
    assert folder.known_fingerprint(root, note) == first
    times = (root / "b.py").stat()
    package(root, b="SIDE = 2\n")
    os.utime(root / "b.py", ns=(times.st_atime_ns, times.st_mtime_ns))  # as long and as old as before
    assert folder.known_fingerprint(root, note) == "reckoned anew"
    package(root, c="")
    assert folder.known_fingerprint(root, tmp_path) == "reckoned anew"  # a folder: cannot be read or written


def test_only_what_nobody_used_for_a_month_is_thrown_away(tmp_path: Path) -> None:
    kept, old, young = (tmp_path / name for name in ("kept", "old", "young"))
    for each in (kept, old, young):
        each.mkdir()
    os.utime(old, (0, 0))
    os.utime(kept, (0, 0))
    folder.sweep(kept)
    assert kept.is_dir()
    assert young.is_dir()
    assert not old.exists()
