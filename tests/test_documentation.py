"""What the documents say is held against the code: event types, commands, settings, and what no file may mention."""

import re
import subprocess
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import get_args, get_type_hints

import pytest

import domain.aggregates
from domain.aggregates.register import KINDS
from workers.cli.main import main

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/glossary.md", "docs/operations.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
# Spelt so that none of them finds itself here.
FORBIDDEN = (
    *(r"/(work|root)/", r"\.\./shared/(?!bpmn)"),
    *(r"(?<!user[ -])\bagents?\b", r"\bclaude", r"\banthropic", r"\bchatgpt", r"\bprompt engineering"),
    *(r"\bCONTRACT\.md", r"\bSTYLE\.md", r"\bissue #?\d", r"\bartifactory", r"\bpypi\.(?!org)"),
)


def read(*names):
    return "".join((ROOT / name).read_text() for name in names)


def event_types():
    """Every `type` that a class of the domain has, or can have when its state decides."""
    for module in iter_modules(domain.aggregates.__path__):
        for kind in vars(import_module(f"domain.aggregates.{module.name}")).values():
            found = getattr(kind, "type", None) if is_dataclass(kind) else None
            if isinstance(found, str):
                yield found
            elif isinstance(found, property):
                yield from (kind(state).type for state in get_args(get_type_hints(kind)["state"]))


def settings_named(*names):
    files = [path for name in names for path in sorted(ROOT.glob(name))]
    return sorted({found for path in files for found in re.findall(r"TASKPOOL(?:_[A-Z]+)+", path.read_text())})


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_event_types_are_found_for_every_aggregate():
    assert {name.partition(".")[0] for name in event_types()} == set(KINDS)


@pytest.mark.parametrize("name", sorted(set(event_types())))
def test_the_glossary_has_every_event_type(name):
    assert f"| `{name}` |" in read("docs/glossary.md")


def test_the_glossary_has_no_event_type_that_is_gone():
    listed = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", read("docs/glossary.md"), re.MULTILINE))
    assert listed == set(event_types())


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_dated_short_and_names_what_was_rejected(path):
    text = path.read_text()
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", path.stem)
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Rejected"))
    assert text.rpartition("\n## Rejected\n")[2].strip().startswith("* ")
    assert len(text.splitlines()) <= 40


def test_decisions_are_numbered_without_gaps():
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_make_target_named_exists():
    documents = read(*DOCUMENTS)
    targets = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", documents, re.MULTILINE)) <= targets


def test_every_taskpool_command_named_exists():
    documents = read(*DOCUMENTS)
    assert set(re.findall(r"\.venv/bin/taskpool ([a-z-]+)", documents)) <= set(main.commands)


@pytest.mark.parametrize("name", settings_named("settings.py", "workers/**/*.py", "webapp/**/*.py"))
def test_every_setting_is_documented(name):
    assert f"`{name}`" in read("README.md", "docs/operations.md")


def test_no_setting_is_documented_that_is_gone():
    known = settings_named("settings.py", "celeryconfig.py", "workers/**/*.py", ".ci/run", "setup.sh")
    assert set(settings_named("README.md", "docs/*.md")) <= set(known)


@pytest.mark.parametrize(
    "document",
    ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", *(f"docs/{one}" for one in ("glossary.md", "operations.md"))],
)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", read(document)):
        assert ((ROOT / document).parent / target).exists(), target


def test_no_file_names_a_machine_or_where_it_was_written():
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix not in {".png", ".svg"}
        for pattern in FORBIDDEN
        for match in re.finditer(pattern, path.read_text(errors="replace"), re.IGNORECASE)
    ]
    assert found == []
