"""One sample project for all journeys: it takes a while to make."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def riskatlas() -> Run:
    """The program as a person calls it: a process of its own, without a display."""

    def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "app", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def machine(riskatlas: Run) -> Callable[..., Any]:
    """The answer that `--json` gives."""
    return lambda *arguments: json.loads(riskatlas(*arguments, "--json").stdout)


@pytest.fixture(scope="session")
def sample_project(riskatlas: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("示例 项目") / "衡水.gpkg"
    riskatlas("new", path, "--sample")
    return path


@pytest.fixture
def own_project(sample_project: Path, tmp_path: Path) -> Path:
    """A copy of the sample project that a test may write in: file and rasters."""
    path = tmp_path / sample_project.name
    shutil.copyfile(sample_project, path)
    rasters = sample_project.with_suffix(".rasters")
    shutil.copytree(rasters, path.with_suffix(".rasters"))
    return path
