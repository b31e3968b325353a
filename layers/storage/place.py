"""Where a file lies: SQLite's log does not work over a network drive."""

import os
import sys
from pathlib import Path

_REMOTE = frozenset(
    {
        "cifs", "smb", "smb2", "smb3", "smbfs", "nfs", "nfs4", "davfs", "davfs2", "afpfs", "ncpfs", "ceph",
        "glusterfs", "fuse.sshfs", "fuse.gvfsd-fuse", "fuse.davfs2", "fuse.rclone", "fuse.smbnetfs",
    }
)  # fmt: skip
_DRIVE_REMOTE = 4  # GetDriveTypeW


def is_remote(path: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Whether a file lies on a network drive, as far as the system tells.

    Parameters
    ----------
    path : Path
    mounts : Path
        The table of mounted file systems (Linux).
    """
    absolute = path.absolute()
    if str(absolute).startswith(("\\\\", "//")):
        return True
    if sys.platform == "win32":
        return _is_remote_drive(absolute)
    if not mounts.is_file():
        return False
    return _kind_of(absolute.resolve(), mounts) in _REMOTE


def _kind_of(path: Path, mounts: Path) -> str:
    """The file system of the mount point that holds the file."""
    best, kind = -1, ""
    for line in mounts.read_text("utf-8", errors="replace").splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = words[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        holds = point == "/" or str(path) == point or str(path).startswith(point.rstrip("/") + os.sep)
        if holds and len(point) >= best:
            best, kind = len(point), words[2].casefold()
    return kind


def _is_remote_drive(path: Path) -> bool:
    import ctypes

    kind = getattr(ctypes, "windll").kernel32.GetDriveTypeW(path.anchor)  # noqa: B009  # only there on Windows
    return bool(kind == _DRIVE_REMOTE)
