"""What a browser makes of the offline web map: run with Chromium (apt-get install chromium), with no network.

    .venv/bin/python benchmarks/peer_chromium_draws.py MAP.html [PICTURE.png]

Loads the page in headless Chromium in a network name space of its own (or with every host unresolvable, where
that is not allowed); checks that the console has no error, and that something was drawn. Prints one JSON
line; exit 1 if anything is amiss.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (1366, 768)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=6000")


def alone() -> list[str]:
    """A prefix under which a command has no network at all, where we may."""
    prefix = ["unshare", "-n"]
    may = shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    return prefix if may else []


def main(page: Path, picture: Path) -> dict[str, object]:
    """Draw the page; returns what was found."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                *alone(),
                chromium,
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--enable-logging=stderr",
                f"--screenshot={picture}",
                page.resolve().as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    amiss = [line for line in console if re.search(r"error|refused|failed|not defined", line, re.IGNORECASE)]
    colours = 0
    if picture.is_file():
        with Image.open(picture) as image:
            colours = len(np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0))
    if colours < 50:
        amiss.append(f"nothing drawn: {colours} colours")
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"""(?:src|href)=["'](https?:[^"']+)""", text)
    return {
        "megabytes": round(page.stat().st_size / 2**20, 2),
        "colours": colours,
        "links a person may click": sorted(set(links)),
        "console": console,
        "amiss": amiss,
    }


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(words[1]) if len(words) > 1 else Path(folder) / "map.png"
        found = main(Path(words[0]), target)
    print(json.dumps(found, ensure_ascii=False))
    sys.exit(1 if found["amiss"] else 0)
