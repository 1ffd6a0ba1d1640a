"""A run that shows nothing says so: a nemesis in trouble, targets never hit, too little work."""

import subprocess
from collections import Counter
from dataclasses import replace

import pytest

from tests.faults import victims
from tests.faults.enough import missing
from tests.faults.nemesis import Nemesis
from tests.faults.report import lines
from tests.faults.run import Result
from tests.faults.subscribers import Subscribers
from tests.faults.surroundings import Clock
from tests.faults.world import Means

DECK = [("kill", "web"), ("fill", "sql"), ("reset", "redis")]


@pytest.fixture
def home(tmp_path):
    environment = {"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_PROCESS": "web"}
    with subprocess.Popen(["/bin/sleep", "60"], env=environment) as victim:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "web.pid").write_text(str(victim.pid))
        yield tmp_path
        victim.kill()


def test_an_act_that_fails_is_told_and_the_next_one_follows(home):
    means = Means({"server": home, "worker": home}, {}, {}, Clock(home), Clock(home))
    with Nemesis(1, means, DECK, pause=(0.0, 0.01)) as nemesis:
        assert victims.within(10, lambda: len(nemesis.log) > 2 * len(DECK))
    assert nemesis.hits == {("kill", "web"): 1}
    assert {failure.partition(":")[0] for failure in nemesis.failures} == {"fill sql", "reset redis"}
    assert set(nemesis.never_hit()) == {("fill", "sql"), ("reset", "redis")}


def test_what_cannot_be_healed_is_told_too(home):
    nowhere = Clock(home)
    means = Means({"server": home, "worker": home}, {}, {}, Clock(home), nowhere)
    with Nemesis(1, means, DECK, pause=(60.0, 60.0)) as nemesis:
        nowhere._file = home / "gone" / "clock"
    assert [failure.partition(":")[0] for failure in nemesis.failures] == ["heal Clock"]


def test_who_stops_looking_at_a_list_is_told():
    everybody = Subscribers("http://127.0.0.1:1")
    everybody.members[0].read = lambda: "neither tasks nor a cursor".no_such_thing
    with everybody:
        assert victims.within(10, lambda: everybody.failures)
    assert "stopped looking" in everybody.failures[0]


def result(minutes, *, started=100, completed=400, answered=1000, events=20_000, deltas=8_000, errands=200):
    """What a run has to say that did enough for half an hour, unless told otherwise."""
    rest = dict.fromkeys(Result.__dataclass_fields__, ())
    outcomes = Counter({("start", 201): started, ("complete", 200): completed, ("claim", 409): answered})
    done = {"outcomes": outcomes, "events": Counter(any=events), "screens": Counter(deltas=deltas)}
    done["errands"] = Counter(errand_job=errands)
    return Result(**rest | done | {"minutes": minutes, "seconds": {}, "hits": Counter(dict.fromkeys(DECK, 1))})


def test_a_long_run_has_hit_everybody_and_done_its_work():
    assert missing(result(30), DECK) == []
    more = [*DECK, ("alarm", "disk"), ("suspend", "beat"), ("kill", "redis")]
    assert missing(result(30), more) == ["beat was never hit", "rabbitmq was never hit"]


@pytest.mark.parametrize("work", ["started", "completed", "events", "deltas", "errands"])
def test_a_long_run_in_which_too_little_is_done_says_what(work):
    (said,) = missing(result(30, **{work: 59}), DECK)
    assert said.startswith("59 ")


def test_a_run_that_did_too_little_does_not_hold_and_says_so():
    counts = {name: Counter() for name in ("missed", "attempts", "units", "wire", "colleagues", "checks")}
    idle = replace(result(30), seed=7, sql="sqlite", **counts, missing=["beat was never hit"])
    assert not idle.holds
    assert not replace(idle, missing=[], violations=["log: a gap"]).holds
    assert replace(idle, missing=[]).holds
    assert list(lines(idle))[-3:] == [
        "too little: beat was never hit",
        "0 violations, seed 7",
        "the same again: make faults SEED=7 MINUTES=30 SQL=sqlite",
    ]
    assert list(lines(replace(idle, missing=[])))[-1] == "0 violations, seed 7"


def test_commands_nobody_answered_are_no_work():
    idle = result(30, answered=0)
    idle.outcomes["claim", None] = 1000
    assert [said.partition(",")[0] for said in missing(idle, DECK)] == ["500 commands answered"]


def test_a_short_one_may_be_as_idle_as_it_likes():
    assert missing(result(9, started=0), [("kill", "beat")]) == []
