"""A letter."""

from __future__ import annotations

from tasks.notices.deliver import Letter

TASK = {
    "id": "7f",
    "name": "Zoë's <b>offer</b> & more",
    "processName": "Approval",
    "businessKey": "B-1",
    "dueDate": "2026-11-30T06:30:00.000Z",
    "url": "https://list.example.org/?task=7f",
}


LETTER = Letter("n-1", "assignment", "rosa", "rosa@example.org", "olaf", "2026-11-29T12:00:00.000Z", TASK)
