"""XML is read as it says it is written."""

import codecs

import pytest
from lxml import etree

from domain.documents import text_of
from domain.errors import BadRequest

BODY = "<a name='Prüfung €'/>"
LATIN = "<a name='Prüfung'/>"


@pytest.mark.parametrize(
    ("encoding", "mark", "text"),
    [
        ("ISO-8859-1", b"", LATIN),
        ("windows-1252", b"", BODY),
        ("UTF-8", b"", BODY),
        ("utf-8", codecs.BOM_UTF8, BODY),
        ("UTF-16LE", codecs.BOM_UTF16_LE, BODY),
        ("UTF-16BE", codecs.BOM_UTF16_BE, BODY),
        ("UTF-16LE", b"", BODY),
        ("UTF-16BE", b"", BODY),
    ],
)
def test_as_declared(encoding, mark, text):
    declared = f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>\n{text}'
    found = text_of(mark + declared.encode(encoding))
    assert found == f'<?xml version="1.0" standalone="yes"?>\n{text}'
    assert etree.fromstring(found.encode()).get("name") == etree.fromstring(text).get("name")


def test_without_a_declaration_it_is_utf_8():
    assert text_of(BODY.encode()) == BODY


@pytest.mark.parametrize(
    "source",
    [
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0" encoding="rot13"?><a/>',
        b'<?xml version="1.0" encoding="hex"?><a/>',
        "<?xml version='1.0' encoding='UTF-8'?><a b='ü'/>".encode("latin-1"),
        b"<a b='\xff'/>",
        codecs.BOM_UTF16_LE + b"<\0a",
    ],
)
def test_what_is_not_so_is_refused(source):
    with pytest.raises(BadRequest):
        text_of(source)
