"""Text as offices save it: UTF-8 with or without a mark, UTF-16 with one, or GB18030."""

import codecs


def text_of(content: bytes) -> str | None:
    """What a file of text says; ``None`` if it is none of these, or no text.

    Examples
    --------
    >>> text_of("衡水".encode("gbk"))
    '衡水'
    >>> text_of(bytes([0, 1, 255])) is None
    True
    """
    has_mark = content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None
