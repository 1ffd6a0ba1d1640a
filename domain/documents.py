"""Reading XML documents as their declaration says, whatever it says."""

from __future__ import annotations

import codecs
import re

from domain.errors import BadRequest

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WITHOUT_MARK = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODING = re.compile(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']")


def text_of(source: bytes) -> str:
    """The text of an XML document, without the declaration of an encoding it no longer has; raises `BadRequest`.

    Source: XML 1.0, appendix F: byte order mark first, then the declaration, else UTF-8.
    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if source.startswith(mark)), (b"", ""))
    encoding = encoding or next((name for start, name in _WITHOUT_MARK if source.startswith(start)), "")
    if not encoding:
        declared = _DECLARED.match(source)
        encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        # `bytes.decode` refuses codecs that make anything else than text.
        text = source[len(mark) :].decode(encoding)
    except LookupError:
        raise BadRequest(f"the document says it is in {encoding!r}, which is no encoding known here") from None
    except (UnicodeError, ValueError) as error:
        raise BadRequest(f"the document cannot be read as {encoding!r}, as which it is declared: {error}") from None
    return _ENCODING.sub(r"\1", text, count=1)
