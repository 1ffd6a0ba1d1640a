"""XML of models, read safely: no document type, no entities, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from lxml import etree

from domain.errors import InvalidDefinition

Node: TypeAlias = Any  # lxml has no types
MAX_BYTES = 5_000_000


def parsed(source: bytes) -> Node:
    """The root element of a document; raises `InvalidDefinition` with reason and line."""
    if len(source) > MAX_BYTES:
        raise InvalidDefinition(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        root = etree.fromstring(source, _parser())
    except etree.XMLSyntaxError as error:
        raise InvalidDefinition(f"not well-formed XML: {error.msg}", line=error.lineno) from error
    if root.getroottree().docinfo.doctype:
        raise InvalidDefinition("a document type declaration is not allowed", line=1)
    return root


@contextmanager
def understood(root: Node) -> Iterator[None]:
    """Whoever reads a document finds elements where they belong; raises `InvalidDefinition` where that is not so."""
    try:
        yield
    except RecursionError:
        raise InvalidDefinition("the file is nested too deeply", line=root.sourceline) from None
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        reason = f"not understood, something stands where it does not belong: {type(error).__name__}: {error}"
        raise InvalidDefinition(reason, line=root.sourceline) from error


def text_of(node: Node) -> str:
    """What an element says; nothing where there is none."""
    return "" if node is None else (node.text or "").strip()


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
