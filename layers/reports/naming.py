"""Names of the files that leave the house."""

import re


def file_stem(words: str) -> str:
    """A title as the name of a file on any system, without its ending.

    Examples
    --------
    >>> file_stem("方案 甲/乙: 2026")
    '方案_甲_乙_2026'
    """
    return re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', "_", words).strip("._") or "_"
