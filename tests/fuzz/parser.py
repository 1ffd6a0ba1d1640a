"""Bytes to whatever reads models, by atheris, which sees what is reached and goes on from there.

Seeds are small models of the other rooms, and files in the folders of `TASKPOOL_BPMN_SAMPLES` and beside it.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from lxml import etree

try:
    import atheris
except ImportError:
    sys.exit("the room `parser` needs atheris: pip install -r requirements-fuzz.txt")

with atheris.instrument_imports(include=["engines"]):
    from engines.decisions import feel
    from engines.decisions.model import read as read_decisions
    from engines.documents import MAX_BYTES
    from engines.expressions.check import check_condition, check_script, check_text
    from engines.expressions.tokens import Unreadable
    from tests.engines.world import World

from domain.errors import InvalidDefinition
from tests.fuzz.blocks import models
from tests.fuzz.bounds import within
from tests.fuzz.decisions import files
from tests.fuzz.play import MAY_GROW, WARM, resident

SECONDS = 5.0
SEEDS = 60
_LARGEST = 60_000
_TEXTS: tuple[Callable[[str], Any], ...] = (
    check_text,
    check_condition,
    feel.parse,
    feel.parse_tests,
    *(lambda text, name=name: check_script(text, name) for name in ("javascript", "groovy", "python")),
)


def play(seconds: float, first: int) -> int:
    """Until the time is over or something is found, which is left in a file; then the process ends by itself."""
    corpus = Path(mkdtemp(prefix="taskpool-fuzz-"))
    for number, source in enumerate(_seeds(first)):
        (corpus / str(number)).write_bytes(source)
    options = [f"-max_total_time={int(seconds)}", f"-seed={first or 1}", f"-max_len={_LARGEST}", "-rss_limit_mb=1024"]
    watched = _Watched(seconds)
    arguments = [sys.argv[0], str(corpus), *options, f"-artifact_prefix={corpus}/", "-print_final_stats=1"]
    atheris.Setup(arguments, watched.read, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


class _Watched:
    """Reads, and looks at the memory: one that grows ends the run as a finding."""

    def __init__(self, seconds: float) -> None:
        self._warm = 0
        self._reads = 0
        self._after = max(int(seconds * 100 * WARM), 500)

    def read(self, source: bytes) -> None:
        read(source)
        self._reads += 1
        if self._reads == self._after:
            self._warm = resident()
        if self._warm and self._reads % 1_000 == 0:
            grown = resident() - self._warm
            assert grown < MAY_GROW * 2, f"memory has grown by {grown >> 20} MB"


def read(source: bytes) -> None:
    """Whatever it is, it is read, or refused in one way."""
    with within(SECONDS):
        if source[:1] == b"<":
            _read_file(source)
        else:
            _read_text(source)


def _read_file(source: bytes) -> None:
    for deploy in (lambda: World().act(lambda engine: engine.deploy(source)), lambda: read_decisions(source)):
        try:
            deploy()
        except InvalidDefinition as refused:
            if not str(refused).strip():
                raise AssertionError("no reason is given") from refused


def _read_text(source: bytes) -> None:
    text = source[1:].decode(errors="ignore")
    try:
        _TEXTS[source[0] % len(_TEXTS) if source else 0](text)
    except (Unreadable, feel.Unreadable) as refused:
        if not str(refused).strip():
            raise AssertionError("no reason is given") from refused


def mutate(source: bytes, most: int, number: int) -> bytes:
    """Half of the time as bytes, else as a tree: elements are moved, doubled and lost, attributes exchanged."""
    chance = random.Random(number)
    if source[:1] != b"<" or chance.random() < 0.5:
        return bytes(atheris.Mutate(source, most))
    try:
        root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return bytes(atheris.Mutate(source, most))
    for _ in range(chance.randint(1, 3)):
        _change(root, chance)
    found: bytes = etree.tostring(root)
    return found if len(found) <= most else source


def _change(root: Any, chance: random.Random) -> None:
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    one, other = chance.choice(nodes), chance.choice(nodes)
    match chance.randrange(6):
        case 0 if one is not root:
            one.getparent().remove(one)
        case 1:
            other.append(deepcopy(one))
        case 2:
            one.tag = other.tag
        case 3 if one.attrib and other.attrib:
            one.set(chance.choice(list(one.attrib)), chance.choice(list(other.attrib.values())))
        case 4 if one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        case _:
            one.text = other.text


def _seeds(first: int) -> Iterator[bytes]:
    made: list[bytes] = []
    for strategy in (models(), files()):

        @seed(first)
        @settings(max_examples=SEEDS, phases=(Phase.generate,), database=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def collect(example: Any) -> None:
            made.append(example if isinstance(example, bytes) else example.sources[0])

        collect()
    yield from made
    for number in range(len(_TEXTS)):
        yield bytes([number]) + b"${a.b(1, 'x') ? [1] : {'a': 2}} if for x in y return 1"
    samples = os.environ.get("TASKPOOL_BPMN_SAMPLES")
    folders = [Path(samples), Path(samples).parent / "cases" / "bpmn"] if samples else []
    for path in (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())):
        if path.suffix in (".bpmn", ".xml", ".dmn") and path.stat().st_size < min(MAX_BYTES, _LARGEST):
            yield path.read_bytes().lstrip()
