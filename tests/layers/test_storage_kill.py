"""The kill test in its short form: benchmarks/kill.py, with few kills on a small layer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "kill.py"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and SIGKILL")
def test_a_killed_writer_on_a_hostile_disk_loses_no_acknowledged_edit() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--kills", "6", "--features", "800", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["lost"], found["faults"]) == (0, 0, [])
    assert found["kills"] == 6
    assert {case["case"] for case in found["hostile"]} >= {"limited", "vanished", "backwards", "forbidden"}
