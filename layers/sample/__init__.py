"""The sample: real and made-up data of Hengshui, as files that an office would hand over.

Small files are committed in ``data/sample_shapes``; ``python -m layers.sample make`` regenerates the made-up
ones from the real ones. The large ones are made on first use.
"""

from layers.resources import sample
from layers.sample.files import SampleFile, sources
from layers.sample.large import large_folder, make_large

__all__ = ["SampleFile", "large_folder", "make_large", "sample_files"]


def sample_files() -> tuple[SampleFile, ...]:
    """The committed files of the sample, base layers first.

    Returns
    -------
    tuple of SampleFile
        Path, catalogue kind (empty for a plain table) and provenance of each.
    """
    return tuple(source.at(sample()) for source in sources().values() if not source.large)
