"""One writer a project: a lock that the operating system lets go of when the process dies."""

import os
import sys
from pathlib import Path


class WriterLock:
    """Held on a small hidden file beside the project, which is removed when the lock is let go.

    The file alone means nothing: a killed process leaves the file but not the lock.

    Parameters
    ----------
    project : Path
    """

    def __init__(self, project: Path) -> None:
        self.path = project.with_name(f".{project.name}.lock")
        self._file: int | None = None

    def take(self) -> bool:
        """Whether the lock is ours now; ``False`` if another holds it.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            if not _lock(file):
                os.close(file)
                return False
            if _is_same(file, self.path):
                self._file = file
                return True
            os.close(file)  # its owner removed it between our opening and locking: try the new one

    def let_go(self) -> None:
        """Remove the file and free the lock; nothing happens if it is not ours."""
        if self._file is None:
            return
        if sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None


def _is_same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
