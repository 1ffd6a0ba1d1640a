"""Projection is a join: any order with any repeats gives one view."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import CreateTask, UserTask
from domain.events.envelope import from_cloudevent, to_cloudevent
from domain.events.project import project
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryViews
from tests.domain.strategies import stories, tasks

ORIGIN = Origin("2026-01-01T00:00:00.000Z", correlation_id="c", causation_id="m", traceparent="00-1-2-01")


def history(task, story, name="t1"):
    return advance(Head(Key("app", "task", name), 1, 0, None), [CreateTask(task), *story], ORIGIN)[1]


def viewed(envelopes):
    views = MemoryViews()
    for envelope in envelopes:
        views.apply(project(envelope))
    return views.collections


@given(tasks, stories, st.randoms(use_true_random=False))
def test_any_order_with_any_repeats_gives_one_view(task, story, random):
    envelopes = history(task, story) + history(task, story[::-1], "t2")
    shuffled = envelopes + random.choices(envelopes, k=len(envelopes))
    random.shuffle(shuffled)
    assert viewed(shuffled) == viewed(envelopes)


@given(tasks, stories, st.randoms(use_true_random=False))
def test_two_projectors_give_the_view_of_one(task, story, random):
    envelopes = history(task, story)
    shared = MemoryViews()
    halves = [[], []]
    for envelope in envelopes:
        halves[random.randrange(2)].append(envelope)
    queues = [list(reversed(half)) for half in halves]
    while any(queues):
        queue = random.choice([queue for queue in queues if queue])
        shared.apply(project(queue.pop()))
    assert shared.collections == viewed(envelopes)


@given(tasks, stories)
def test_the_wire_carries_everything(task, story):
    for envelope in history(task, story):
        assert from_cloudevent(to_cloudevent(envelope)) == envelope


def test_a_newer_generation_wins_over_a_higher_revision():
    old = replace(history(UserTask("t1", "app"), [])[0], revision=7)
    new = replace(old, generation=2, revision=1)
    document = viewed([new, old])["task"][old.key.opaque]
    assert (document["generation"], document["revision"]) == (2, 1)
