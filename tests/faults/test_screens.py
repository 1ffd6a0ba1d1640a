"""The checker sees a screen that missed something."""

from collections import Counter

import pytest

from tests.faults.ledger import Ledger
from tests.faults.load import Starter, Worker
from tests.faults.subscribers import Subscriber, differences

pytestmark = [pytest.mark.servers, pytest.mark.faults]


class KeepsWhatLeft(Subscriber):
    def _take(self, changes):
        return super()._take(changes | {"left": []})


class MissesWhatEntered(Subscriber):
    def _take(self, changes):
        return super()._take(changes | {"entered": []})


class MissesWhatChanged(Subscriber):
    def _take(self, changes):
        return super()._take(changes | {"updated": []})


def test_a_screen_is_compared_with_the_list(running_system):
    url, ledger = running_system.url, Ledger()
    kinds = (Subscriber, KeepsWhatLeft, MissesWhatEntered, MissesWhatChanged)
    screens = [kind(url, "approver1", {"scope": "unassigned", "deferred": "show"}) for kind in kinds]
    starter, worker = Starter(url, ledger, 1, "requester1"), Worker(url, ledger, 1, "approver1")
    start = "/process-definitions/approval/approve_request/start"
    for subject in ("deferred", "claimed"):
        starter.ask("start", start, {"variables": {"subject": subject}})
    for one in screens:
        one.look(0)
    tasks = worker.read(scope="unassigned", deferred="show", filter="task.application = approval", size=50)
    starter.ask("start", start, {"variables": {"subject": "new"}})
    _all_look(screens)
    worker.act(tasks[0], "defer")
    _all_look(screens)
    starter.ask("start", start, {"variables": {"subject": "newer"}})
    worker.act(tasks[1], "claim")
    _all_look(screens)
    wrong = Counter(type(one).__name__ for one in screens for _ in differences([one]))
    for one in (*screens, starter, worker):
        one.close()
    assert all(asked.accepted for asked in ledger.asked), ledger.outcomes
    assert wrong.keys() == {"KeepsWhatLeft", "MissesWhatEntered", "MissesWhatChanged"}


def _all_look(screens):
    for one in screens:
        while one.look(0.5):
            continue
