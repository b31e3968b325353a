"""What all tests share: Hypothesis profiles, patience, and Qt hidden where the domain is tested."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from layers.storage.geopackage import ProjectFile

settings.register_profile("fast", max_examples=5, deadline=None)
settings.register_profile(
    "default", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


class QtHidden(MetaPathFinder):
    """As if PySide6 were not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.split(".")[0] in {"PySide6", "shiboken6", "app"}:
            raise ModuleNotFoundError(f"{name} is hidden: the domain does without Qt and window", name=name)
        return None


if os.environ.get("RISKATLAS_HIDE_QT"):
    sys.meta_path.insert(0, QtHidden())


@pytest.fixture
def qtbot(qtbot: Any) -> Any:
    """Waits a minute, not five seconds: a machine may be slow, and what is waited for in vain is a fault."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=60_000)
    return qtbot


@pytest.fixture(scope="module")
def make_county(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], "ProjectFile"]:
    """A small county for shelters and relief."""
    from tests.county import county  # after Qt is hidden

    return lambda: county(tmp_path_factory.mktemp("p") / "小县.gpkg")
