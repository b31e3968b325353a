"""A project is made whole or not at all: drafted aside, then put in its place."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.errors import CannotWrite, KnownError


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A draft folder beside `path`; its files are moved into `path` when the block ends well.

    Raises
    ------
    CannotWrite
        The folder cannot be made or written, or the disk is full.
    """
    is_new = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=path))
    except OSError as error:
        raise CannotWrite("cannot_write", path=path, reason=error.strerror or str(error)) from error
    try:
        yield draft
        for file in sorted(draft.iterdir()):
            file.replace(path / file.name)
    except KnownError:
        raise
    except OSError as error:
        raise CannotWrite("cannot_write", path=path, reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if is_new and not any(path.iterdir()):
            path.rmdir()


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A draft beside `path`, of the same name, moved there with its rasters when the block ends well.

    Raises
    ------
    CannotWrite
        The folder cannot be made or written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.stem}-", dir=path.parent))
    except OSError as error:
        raise CannotWrite("cannot_write", path=path, reason=error.strerror or str(error)) from error
    try:
        draft = folder / path.name
        yield draft
        rasters = draft.with_suffix(".rasters")
        if rasters.is_dir():
            shutil.rmtree(path.with_suffix(".rasters"), ignore_errors=True)
            rasters.replace(path.with_suffix(".rasters"))
        draft.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
