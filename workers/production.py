"""What the production profile refuses to start with."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from werkzeug.security import check_password_hash

from settings import PRODUCTION, InvalidSetting, Settings

DEMO_NAMES = ("requester1", "requester2", "approver1", "approver2", "accountant1", "admin")


def refuse_demo_accounts(settings: Settings) -> None:
    """Accept no account whose password everybody knows. Raises `InvalidSetting`."""
    if settings.profile == PRODUCTION and settings.users_file:
        for name, password in _passwords(settings.users_file).items():
            if password == name or (name in DEMO_NAMES and check_password_hash(password, name)):
                raise InvalidSetting(f"{settings.users_file}: {name} has a demo password (the name itself)")


def _passwords(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return {name: str(entry["password"]) for name, entry in found.get("users", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidSetting(f"TASKPOOL_USERS {path} cannot be read: {type(error).__name__}: {error}") from error
