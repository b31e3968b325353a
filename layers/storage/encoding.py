"""Which encoding a file's text is in: found from the bytes, never guessed silently."""

from collections.abc import Iterable
from pathlib import Path

from layers.errors import BadInput

_SAMPLE = 4_000_000  # bytes of a table that are looked at
_CODE_PAGES = {
    "936": "GB18030",
    "cp936": "GB18030",
    "ansi 936": "GB18030",
    "gbk": "GB18030",
    "gb2312": "GB18030",
    "euc-cn": "GB18030",
    "gb18030": "GB18030",
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "65001": "UTF-8",
    "big5": "Big5",
    "950": "Big5",
    "cp950": "Big5",
}


def named_encoding(name: str) -> str:
    """The encoding that a .cpg file or a person means; empty if it is none of ours."""
    return _CODE_PAGES.get(name.strip().casefold().removeprefix("ansi ").strip(), "")


def find_encoding(texts: Iterable[bytes], declared: str = "") -> str:
    """The encoding in which all of the texts can be read.

    A declared encoding counts only if it can read everything. UTF-8 can hardly be read by mistake, so it
    comes first; of GB18030 and Big5, which both read nearly anything, the one in which the characters are
    common ones.

    Parameters
    ----------
    texts : iterable of bytes
        Cells, names, or lines.
    declared : str
        What the file says of itself.

    Returns
    -------
    str
        ``UTF-8``, ``GB18030`` or ``Big5``; empty if none can read them.
    """
    foreign = [text for text in texts if not text.isascii()]
    if declared and _reads(foreign, declared) and (declared != "GB18030" or not _reads(foreign, "UTF-8")):
        return declared
    if _reads(foreign, "UTF-8"):
        return "UTF-8"
    readable = [name for name in ("GB18030", "Big5") if _reads(foreign, name)]
    return max(readable, key=lambda name: _common(foreign, name), default="")


def _reads(texts: list[bytes], encoding: str) -> bool:
    try:
        for text in texts:
            text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _common(texts: list[bytes], encoding: str) -> float:
    """Share of the characters that the small national sets hold: a wrong reading gives rare ones."""
    small = {"GB18030": "gb2312", "Big5": "big5"}[encoding]
    hanzi = [c for text in texts for c in text.decode(encoding) if c >= "\u4e00"]
    held = sum(_holds(c, small) for c in hanzi)
    return held / len(hanzi) if hanzi else 0.0


def _holds(character: str, encoding: str) -> bool:
    try:
        code = character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return encoding != "big5" or (len(code) == 2 and code[0] <= 0xC6)


def table_texts(path: Path) -> list[bytes]:
    """Field names and text cells of a .dbf file, as bytes.

    Raises
    ------
    BadInput
        It is not a .dbf file, or cut short in its header.
    """
    data = path.read_bytes()[:_SAMPLE]
    if len(data) < 33:
        raise BadInput("table_torn", path=path)
    header, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if header < 33 or width < 1 or header > len(data):
        raise BadInput("table_torn", path=path)
    texts, spans, start = [], [], 1
    for at in range(32, header - 1, 32):
        field = data[at : at + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        texts.append(field[:11].split(b"\0")[0])
        if field[11:12] == b"C":
            spans.append((start, start + field[16]))
        start += field[16]
    for row in range(header, len(data) - width + 1, width):
        texts.extend(data[row + low : row + high].rstrip(b" \0") for low, high in spans)
    return texts


def shapefile_encoding(path: Path) -> str:
    """The encoding of a Shapefile's table.

    Raises
    ------
    BadInput
        The table is torn, or in no encoding that we know.
    """
    table, page = _sidecar(path, ".dbf"), _sidecar(path, ".cpg")
    if table is None:
        return "UTF-8"
    declared = named_encoding(page.read_bytes()[:40].decode("ascii", "ignore")) if page else ""
    found = find_encoding(table_texts(table), declared)
    if not found:
        raise BadInput("encoding_unknown", path=path)
    return found


def text_encoding(path: Path) -> str:
    """The encoding of a text file."""
    data = path.read_bytes()[:_SAMPLE]
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    found = find_encoding(data.splitlines()[: None if len(data) < _SAMPLE else -1])
    if not found:
        raise BadInput("encoding_unknown", path=path)
    return found


def _sidecar(path: Path, ending: str) -> Path | None:
    for candidate in (path.with_suffix(ending), path.with_suffix(ending.upper())):
        if candidate.is_file():
            return candidate
    return None
