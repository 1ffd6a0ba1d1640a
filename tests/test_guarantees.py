"""What docs/guarantees.md and docs/page.md say is tested is tested, and every planted defect is in the former."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "guarantees.md").read_text()
PAGE = (ROOT / "docs" / "page.md").read_text()
WHAT_THE_CHECKER_IS_WORTH = TEXT.partition("## What the checker is worth")[2].partition("\n## ")[0]
PLANTED = {
    file: set(re.findall(r"`(test_\w+)`", names))
    for file, names in re.findall(r"`(tests/faults/\w+\.py)`:\n((?:`test_\w+`[ ·\n]*)+)", WHAT_THE_CHECKER_IS_WORTH)
}


def names_in(file):
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / file).read_text(), re.MULTILINE))


@pytest.mark.parametrize(("file", "name"), sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT + PAGE))))
def test_what_is_named_exists(file, name):
    assert name in names_in(file)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"`([\w/]+\.test\.ts)`", PAGE))))
def test_what_is_named_of_the_page_exists(file):
    assert (ROOT / "webapp" / "page" / "client" / "src" / file).is_file()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("What inboxes have", "{yes} of {all} are there, {partly} in part."),
        ("What people complain about", "{yes} of {all} do not happen here, {partly} in part."),
    ],
)
def test_what_the_page_has_is_counted(part, said):
    found = re.findall(
        r"^\| \d+ \| [^|]+ \| (yes|partly|no) \|", PAGE.partition(f"## {part}")[2].partition("\n## ")[0], re.MULTILINE
    )
    counts = Counter(found)
    assert said.format(all=len(found), yes=counts["yes"], partly=counts["partly"]) in PAGE
    assert set(counts) <= {"yes", "partly"}


@pytest.mark.parametrize("file", sorted(PLANTED))
def test_every_planted_defect_is_named_and_exists(file):
    assert PLANTED[file] == names_in(file)


def test_every_promise_names_a_test():
    promises = re.split(r"^\d+\. ", TEXT.partition("## Promises")[2].partition("\n## ")[0], flags=re.MULTILINE)[1:]
    assert len(promises) > 20
    assert [promise[:40] for promise in promises if "::test_" not in promise] == []
    assert len(PLANTED) == 3
