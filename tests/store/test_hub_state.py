"""The hub's state alone, without threads, servers or clocks: what each write makes of it, and any row of writes."""

from bson.timestamp import Timestamp
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.access import User
from domain.query.task_query import TaskQuery, matches
from store.live.cursor import end_of, iso_of_millis
from store.live.deltas import compute_deltas
from store.live.hub_state import DEFERRED_MILLIS, MAX_AGE_MILLIS, HubState, News, Shown
from tests.read_side import NOW, task_document, task_key

PLENTY, MILLIS = 2**20, 1_700_000_000_000
START = end_of(Timestamp(10, 0))
ANNA = TaskQuery(User("anna", ("red",)), NOW)
T1 = task_key("t1")


def started(ring_bytes=PLENTY, deferred=(), in_flight=()):
    state = HubState(ring_bytes)
    state.begin(START, deferred, in_flight)
    return state


def write(collection, name, after, before=None, *, second=11, kind="replace"):
    images = {"fullDocument": after, "fullDocumentBeforeChange": before}
    found = {key: image for key, image in images.items() if image is not None}
    made = {"operationType": kind, "ns": {"coll": collection}, "documentKey": {"_id": name}, **found}
    return made | {"clusterTime": Timestamp(second, 0)}


def task_write(after, before=None, **options):
    kind = "insert" if before is None else "replace" if after is not None else "delete"
    return write("task", T1, after, before, **{"kind": kind, **options})


def image(revision=1, group="red", **fields):
    return task_document("t1", candidate_groups=(group,), **fields) | {"revision": revision}


def in_flight(**fields):
    made = {"_id": "c1", "status": "pending", "taskKey": T1, "action": "claim", "user": "bert"}
    return made | {"expiresAt": "2999-01-01T00:00:00.000Z", "generation": 0, "revision": 0} | fields


def test_a_write_of_a_task_is_its_newest_change_and_moves_the_position():
    state = started()
    news = state.apply(task_write(image()), 100, MILLIS)
    assert (news.document, news.change) == (("task", T1), state.newest(T1))
    assert (news.change.before, news.change.after, news.change.size, news.change.millis) == (None, image(), 100, MILLIS)
    assert state.position == news.change.time == (11, 0, 0)
    assert state.since(START) == [news.change]
    assert state.since(state.position) == []
    assert state.behind({("task", T1): (1, 1), ("task", "t2"): (1, 1)}) == {("task", "t2"): (1, 1)}


def test_writes_of_one_time_are_counted_so_that_none_is_passed_over():
    state = started()
    first, second = (state.apply(task_write(image(n), image()), 1, MILLIS).change for n in (2, 3))
    assert (first.time, second.time) == ((11, 0, 0), (11, 0, 1))
    assert state.since(first.time) == [second]


def test_a_write_without_its_image_is_told_as_unknown():
    state = started()
    assert state.apply(task_write(image(2), kind="replace"), 1, MILLIS).change.known is False
    assert state.apply(task_write(None, image(), kind="replace"), 1, MILLIS).change.known is False
    assert state.apply(task_write(None, image()), 1, MILLIS).change.known is True


def test_what_is_left_after_retention_is_nobodys_task():
    change = started().apply(task_write({"_id": T1, "state": "gone"}, image()), 1, MILLIS).change
    assert (change.before, change.after, change.known) == (image(), None, True)


def test_what_cannot_be_read_moves_nothing():
    state = started()
    try:
        state.apply(task_write({"_id": T1, "principals": 7}), 1, MILLIS)
    except KeyError:
        assert (state.position, state.since(START), state.newest(T1)) == (START, [], None)
    else:
        raise AssertionError("it was taken in")


def test_a_command_touches_its_task_as_it_was_shown_last():
    state = started()
    state.apply(task_write(image(2), image()), 77, MILLIS)
    begins = write("command", "c1", in_flight(), second=12, kind="insert")
    assert state.unknown_task(begins) is None
    change = state.apply(begins, 5, MILLIS + 1).change
    assert (change.touch, change.task_id, change.before, change.after) == (True, T1, image(2), image(2))
    assert (change.size, change.time, state.position) == (77, (12, 0, 0), (12, 0, 0))
    assert list(state.in_flight([T1], NOW)) == [T1]
    assert state.in_flight([T1], "2999-01-02T00:00:00.000Z") == {}
    assert state.command("c1")["action"] == "claim"
    ends = write("command", "c1", in_flight(status="accepted", generation=1, revision=1), second=13)
    assert state.apply(ends, 5, MILLIS + 2).change.after == image(2), "its readers hear of the end, too"
    assert (state.in_flight([T1], NOW), state.behind({("command", "c1"): (1, 1)})) == ({}, {})
    assert state.apply(write("command", "c1", None, second=14, kind="delete"), 5, MILLIS).change is None
    assert state.command("c1") is None


def test_a_task_that_has_not_changed_lately_has_to_be_looked_up():
    begins = write("command", "c1", in_flight(), kind="insert")
    state = started()
    assert state.unknown_task(begins) == T1
    assert state.apply(begins, 5, MILLIS, Shown(image(4), 99)).change.after == image(4)
    state = started()
    assert state.apply(begins, 5, MILLIS, Shown()).change is None, "the views do not show it"
    assert list(state.in_flight([T1], NOW)) == [T1]


def test_a_comment_touches_its_task_and_one_of_no_task_nothing():
    state = started()
    said = write("comment", "m1", {"taskKey": T1, "text": "look"}, kind="insert")
    assert state.unknown_task(said) == T1
    assert state.apply(said, 5, MILLIS, Shown(image(), 9)).change.touch
    gone = write("comment", "m1", None, kind="delete")
    assert state.unknown_task(gone) is None
    assert state.apply(gone, 5, MILLIS).change is None


def test_other_documents_are_only_waited_for():
    state = started()
    news = state.apply(write("process_instance", "i1", {"generation": 1, "revision": 3}), 5, MILLIS)
    assert news == News(("process_instance", "i1"))
    assert state.behind({("process_instance", "i1"): (1, 3)}) == {}
    assert state.has_shown([("process_instance", "i1")])
    state.apply(write("process_instance", "i1", None, kind="delete"), 5, MILLIS)
    assert not state.has_shown([("process_instance", "i1")])


def test_what_is_too_much_or_too_old_is_forgotten_and_positions_before_it_are_no_longer_answered():
    state = started(ring_bytes=250)
    changes = [state.apply(task_write(image(n), image(), second=10 + n), 100, MILLIS + n).change for n in range(1, 5)]
    assert (state.since(START), state.since(changes[0].time)) == (None, None)
    assert state.since(changes[1].time) == changes[2:]
    state.apply(task_write(image(9), image(), second=99), 100, MILLIS + MAX_AGE_MILLIS + 10)
    assert state.since(changes[3].time) == [state.newest(T1)]
    assert state.since(changes[2].time) is None
    none = started(ring_bytes=0)
    none.apply(task_write(image()), 1, MILLIS)
    assert (none.newest(T1), none.since(START)) == (None, None)


def test_a_task_that_is_deferred_comes_back_by_its_date_for_a_day():
    date = iso_of_millis(MILLIS + 1000)
    state = started(deferred=[{"_id": "t0", "state": "open", "followUpDate": date, "principals": ["group:blue"]}])
    state.apply(task_write(image(follow_up_date=date)), 1, MILLIS)
    before, after = iso_of_millis(MILLIS), iso_of_millis(MILLIS + 1000)
    assert state.back(before, after, ["group:red"]) == [T1]
    assert sorted(state.back(before, after, ["*"])) == sorted(["t0", T1])
    assert (state.back(after, after, ["*"]), state.back(before, before, ["*"])) == ([], [])
    assert (state.next_back(before, after, ["group:red"]), state.next_back(after, after, ["*"])) == (date, None)
    state.apply(task_write(image(2), image()), 1, MILLIS + 2)
    assert state.back(before, after, ["*"]) == ["t0"], "it waits no longer"
    state.apply(write("task", "t9", image(3), image(), second=12), 1, MILLIS + DEFERRED_MILLIS + 1001)
    assert state.back(before, after, ["*"]) == []


def test_tasks_that_are_deferred_at_the_beginning_come_back_by_their_dates_in_whatever_order_they_are_told():
    def deferred(name, millis, state="open"):
        return {"_id": name, "state": state, "followUpDate": iso_of_millis(millis), "principals": ["group:blue"]}

    told = [deferred("t3", MILLIS + 3), deferred("t1", MILLIS + 1), deferred("t3", MILLIS + 4), deferred("t2", MILLIS)]
    state = started(deferred=[*told, deferred("t4", MILLIS + 2, "completed")])
    assert state.back(iso_of_millis(MILLIS - 1), iso_of_millis(MILLIS + 9), ["*"]) == ["t2", "t1", "t3"]
    assert state.next_back(iso_of_millis(MILLIS + 1), iso_of_millis(MILLIS + 9), ["*"]) == iso_of_millis(MILLIS + 4)


def test_beginning_anew_knows_only_what_it_is_given():
    state = started()
    state.apply(task_write(image()), 1, MILLIS)
    state.apply(write("command", "c1", in_flight(), kind="insert"), 1, MILLIS)
    old = state.position
    start = end_of(Timestamp(50, 0))
    state.begin(start, [], [in_flight(_id="c2")])
    assert (state.position, state.newest(T1), state.command("c1")) == (start, None, None)
    assert (state.since(old), state.since(start)) == (None, [])
    assert (state.has_shown([("task", T1)]), state.in_flight([T1], NOW)[T1]["_id"]) == (False, "c2")


def test_what_was_looked_up_ahead_of_the_stream_cannot_stay_in_a_list_that_it_has_left():
    state = started()
    old, new, ended = image(1, "blue"), image(2, "red"), image(3, "red", state="completed")
    state.apply(write("command", "c1", in_flight(), kind="insert"), 1, MILLIS, Shown(new, 100))
    told = compute_deltas(state.since(START), ANNA, NOW)
    assert [one["_id"] for one in (*told.entered, *told.updated)] == [T1]
    seen = state.position
    for number, (before, after) in enumerate(((old, new), (new, ended)), start=12):
        state.apply(task_write(after, before, second=number), 1, MILLIS)
    assert compute_deltas(state.since(seen), ANNA, NOW).left == [T1]


NAMES = ("t1", "t2", "t3")
GROUPS = st.sampled_from(["red", "blue"])


class AnyRowOfWrites(RuleBasedStateMachine):
    """Readers who follow their list by deltas always have it as it is, whatever happens and however seldom they ask."""

    @initialize()
    def begin(self):
        self.state, self.documents, self.second = started(ring_bytes=600), {}, 11
        self.commands, self.seen = {}, {}
        self.readers = [[START, {}], [START, {}]]
        self.positions, self.times = [START], {}

    @rule(
        name=st.sampled_from(NAMES), group=GROUPS, ends=st.booleans(), later=st.integers(0, 2), size=st.integers(1, 300)
    )
    def task_is_written(self, name, group, ends, later, size):
        before = self.documents.get(name)
        after = task_document(name, candidate_groups=(group,), state="completed" if ends else "open")
        after |= {"revision": 1 + (before or {"revision": 0})["revision"]}
        self.documents[name] = after
        self.seen["task", task_key(name)] = (1, after["revision"])
        self.write("task", task_key(name), after, before, later=later, size=size)

    @rule(name=st.sampled_from(NAMES), later=st.integers(0, 2))
    def task_is_deleted(self, name, later):
        if before := self.documents.pop(name, None):
            self.seen.pop(("task", task_key(name)), None)
            self.write("task", task_key(name), None, before, later=later, size=50)

    @rule(name=st.sampled_from(NAMES), number=st.integers(1, 3), status=st.sampled_from(["pending", "accepted"]))
    def command_is_written(self, name, number, status):
        about = self.commands.get(number, name)
        self.commands[number] = about
        document = in_flight(_id=f"c{number}", taskKey=task_key(about), status=status, generation=1, revision=1)
        self.seen["command", f"c{number}"] = (1, 1)
        self.write("command", f"c{number}", document, None, later=1, size=10)
        found = self.state.in_flight([task_key(about)], NOW).get(task_key(about))
        assert status != "pending" or found is not None

    @rule(reader=st.integers(0, 1))
    def reader_asks(self, reader):
        position, shown = self.readers[reader]
        changes = self.state.since(position)
        if changes is None:
            shown = self.as_it_is(reader)
        else:
            told = compute_deltas(changes, self.query(reader), NOW)
            shown = shown | {one["_id"]: one["revision"] for one in (*told.entered, *told.updated)}
            shown = {one: revision for one, revision in shown.items() if one not in told.left}
        self.readers[reader] = [self.state.position, shown]
        assert shown == self.as_it_is(reader)

    @rule()
    def continuity_begins_anew(self):
        self.second += 1
        start = end_of(Timestamp(self.second, 0))
        self.second += 1
        self.seen.clear()
        self.state.begin(start, [], [])
        self.positions.append(start)

    @invariant()
    def what_was_shown_is_known(self):
        assert self.state.behind(self.seen) == {}
        assert self.state.behind({one: (g, r + 1) for one, (g, r) in self.seen.items()}).keys() == self.seen.keys()

    @invariant()
    def positions_only_move_on(self):
        assert self.positions == sorted(set(self.positions))

    def write(self, collection, name, after, before, *, later, size):
        self.second += later
        kind = "delete" if after is None else "insert" if before is None else "replace"
        change = write(collection, name, after, before, second=self.second, kind=kind)
        unknown = self.state.unknown_task(change)
        documents = {task_key(one): document for one, document in self.documents.items()}
        self.state.apply(change, size, MILLIS, Shown(documents.get(unknown), 40) if unknown else None)
        self.positions.append(self.state.position)

    def query(self, reader):
        return TaskQuery(User("anna", (("red", "blue")[reader],)), NOW)

    def as_it_is(self, reader):
        documents = [one for one in self.documents.values() if matches(one, self.query(reader))]
        return {one["_id"]: one["revision"] for one in documents}


AnyRowOfWrites.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_any_row_of_writes = AnyRowOfWrites.TestCase
