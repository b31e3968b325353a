"""Whether a grid has room in the memory of this machine: told before anything is read."""

import os
from pathlib import Path

from layers.errors import BadInput
from layers.storage.rasters import opened

_BYTES = {"local-inertial": 90, "shallow-water": 170}
"""A cell, measured: state, terrain as it is read, what is remembered, and what is written."""
_GB = 1e9


def check_room(path: Path, scheme: str) -> None:
    """Refuse a terrain that a run cannot hold; where the free memory is not known, nothing is refused.

    Parameters
    ----------
    path : Path
        A GeoTIFF; only its head is read.
    scheme : str

    Raises
    ------
    MissingFile
    BadInput
    """
    with opened(path) as source:
        cells = source.width * source.height
    needs, free = cells * _BYTES[scheme], _free()
    if free is not None and needs > free:
        raise BadInput("flood_memory", cells=cells / 1e6, needs=needs / _GB, free=free / _GB)


def _free() -> float | None:
    """Memory that a new process may take, bytes."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    pages, size = "SC_PHYS_PAGES", "SC_PAGE_SIZE"
    known = getattr(os, "sysconf_names", {})
    return float(os.sysconf(pages)) * os.sysconf(size) if pages in known and size in known else None
