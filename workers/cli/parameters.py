"""What commands are given, judged before anything is done with it."""

from __future__ import annotations

import json
from typing import Any

import click

from domain.identity import APPLICATION_NAME, is_application_name


class ApplicationName(click.ParamType[str]):
    """The name of an application, by the one pattern that every door has."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; fails with what names look like."""
        if not is_application_name(value):
            self.fail(f"{str(value)[:80]!r} is no application's name, which match {APPLICATION_NAME}", param, ctx)
        return str(value)


class JsonObject(click.ParamType[dict[str, Any]]):
    """Variables by name, as JSON."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The object; fails with what is wrong with it."""
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"not JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail("must be a JSON object", param, ctx)
        return found
