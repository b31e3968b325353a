"""The rules of the house that no other tool keeps."""

import ast
import csv
import re
import string
import subprocess
import sys
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("layers/**/*.py")])
WORDS = [
    row
    for path in sorted(ROOT.glob("resources/words/*.csv"))
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
]
TRACKED = subprocess.run(
    ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
).stdout.split("\0")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a source says."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def test_every_key_has_words_in_both_languages_and_stands_once() -> None:
    assert all(row["key"] and row["zh_CN"] and row["en"] for row in WORDS)
    assert not [key for key, count in Counter(row["key"] for row in WORDS).items() if count > 1]


def test_no_english_word_is_chinese_and_most_chinese_words_are() -> None:
    assert not [row for row in WORDS if re.search(r"[一-鿿]", row["en"]) and "审图号" not in row["en"]]


def test_both_languages_have_the_same_places_for_facts() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert not [row["key"] for row in WORDS if places(row["zh_CN"]) != places(row["en"])]


def test_every_known_error_has_a_sentence_and_a_cure() -> None:
    keys = {row["key"] for row in WORDS}
    raised = {
        (call.args[0].value, path.name)
        for path in SOURCES
        for call in nodes(path)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id
        in {"KnownError", "BadInput", "MissingFile", "CannotWrite", "UnknownCrs", "NewerProject"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert raised
    assert not [(key, file) for key, file in raised if not {f"error.{key}", f"cure.{key}"} <= keys]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_name_says_what_the_house_does_not_say() -> None:
    unwanted = re.compile(r"(Manager|Helper|Utils?|Handler|Controller|Info|Data|Base)$")
    names = {
        (node.name, path.name) for path in SOURCES for node in nodes(path) if isinstance(node, ast.ClassDef)
    }
    assert not [name for name in names if unwanted.search(name[0])]
    assert not [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}]


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.body[0].lineno + 1
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[int(len(lengths) * 0.95)] <= 40


def test_nothing_is_unpickled_or_evaluated() -> None:
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.Import):
                assert not {"pickle", "marshal", "shelve"} & {alias.name for alias in node.names}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, path


def test_no_lock_file_names_a_host() -> None:
    for path in ROOT.glob("requirements/*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path
        assert "--hash=" in text or path.stem == "peers", path


def test_the_repository_stays_small_and_speaks_of_the_product() -> None:
    files = [ROOT / name for name in TRACKED if name and (ROOT / name).is_file()]
    assert sum(path.stat().st_size for path in files) < 30e6
    machine = re.compile(r"/(work|root|home)/[a-z]")
    texts = [
        p
        for p in files
        if p.suffix in {".py", ".md", ".toml", ".csv", ".txt", ".html"} and "web" not in p.parts
    ]
    assert not [path for path in texts if machine.search(path.read_text(encoding="utf-8", errors="ignore"))]


def test_every_verb_stands_in_the_readme() -> None:
    words = subprocess.run(
        [sys.executable, "-m", "app", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    verbs = re.findall(r"^    ([a-z-]+) ", words, flags=re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(verbs) >= 9
    assert not [verb for verb in verbs if f"riskatlas {verb}" not in readme]


def test_the_wheel_carries_words_font_and_small_samples(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert "layers/_resources/words/terms.csv" in names
    assert "layers/_resources/fonts/NotoSansSC-Regular.ttf" in names
    assert any(name.startswith("layers/_data/sample_shapes/") and name.endswith(".shp") for name in names)
