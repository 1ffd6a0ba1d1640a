"""A letter to a person, and one about a change."""

from __future__ import annotations

from domain.notices.change import Change
from tasks.notices.deliver import Letter
from tasks.notices.tell_changes import ChangeLetter

TASK = {
    "id": "7f",
    "name": "Zoë's <b>offer</b> & more",
    "processName": "Approval",
    "businessKey": "B-1",
    "dueDate": "2026-11-30T06:30:00.000Z",
    "url": "https://list.example.org/?task=7f",
}


LETTER = Letter("n-1", "assignment", "rosa", "rosa@example.org", "olaf", "2026-11-29T12:00:00.000Z", TASK)

CHANGE = ChangeLetter(
    Change(
        *("n-2", "change1", "e-1", "task.completed", "approval", "7f"),
        *("2026-11-29T12:00:00.000Z", "olaf", (1, 3)),
    ),
    TASK,
)
