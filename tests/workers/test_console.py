"""Progress: a bar for eyes, lines for logs."""

from io import StringIO

from rich.console import Console

from workers import console
from workers.console import Bar


def shown(monkeypatch, *, terminal):
    monkeypatch.setattr(console, "LINE_SECONDS", 0.0)
    out = StringIO()
    with Bar("Comparing", 20, Console(file=out, force_terminal=terminal, width=100, highlight=False)) as bar:
        bar.advance(5)
        bar.advance(25)
    return out.getvalue()


def test_lines_where_nobody_looks(monkeypatch):
    assert shown(monkeypatch, terminal=False).splitlines() == ["Comparing: 5 of 20", "Comparing: 30 of 30"]


def test_a_bar_on_a_terminal(monkeypatch):
    text = shown(monkeypatch, terminal=True)
    assert "Comparing" in text
    assert "30/30" in text
