"""Searching: groups of filters, what one can filter by, sorting by values, and lists of entries and instances."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.aggregates.data_entry import Authorization, DataEntry, SaveEntry, entry_key
from domain.identity import Key
from store.lists.task_list import Documents
from store.people.left import MOST_COMMENTS
from tests.support.asking import ADMIN, APPROVER, REQUESTER, body, get, offered, post
from tests.webapp.stand_in import DirectAsking

FOR_ALL = (Authorization(add_groups=("approvers", "requesters")),)


def entry(engine: DirectAsking, name: str, **state: Any) -> dict[str, str]:
    """Save an entry that approvers and requesters may see; returns how tasks name it."""
    key = Key("approval", "data_entry", entry_key("order", name))
    state.setdefault("name", f"Order {name}")
    engine.tell(key, SaveEntry(DataEntry("order", name, "approval", **state), authorizations=FOR_ALL))
    return {"application": "approval", "entryType": "order", "entryId": name}


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.json
    return [task["engineTaskId"] for task in body(response)["items"]]


def search(client: FlaskClient, **asked: Any) -> Any:
    return post(client, "/tasks/search", json=asked)


def test_groups_of_filters(client: FlaskClient, engine: DirectAsking) -> None:
    for number in range(6):
        offered(engine, f"t{number}", priority=number, payload={"even": number % 2 == 0, "n": number})
    small, even = "n < 2", "even = true"
    assert names(search(client, filter={"or": [small, {"and": [even, "n > 3"]}]}, sort="priority")) == [
        "t0",
        "t1",
        "t4",
    ]
    assert names(search(client, filter=[even, {"not": small}], sort="-priority")) == ["t4", "t2"]
    assert names(search(client, filter={"field": "n", "op": "[]", "value": [2, 3]}, sort="priority")) == ["t2", "t3"]
    first = body(search(client, filter="n >= 1", sort="priority", size=2))
    assert (first["total"], len(first["items"])) == (5, 2)
    assert names(search(client, filter="n >= 1", sort="priority", size=2, after=first["next"])) == ["t3", "t4"]
    assert names(search(client)) == names(get(client, "/tasks"))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"filter": "task.priority >= x"}, "at character 18"),
        ({"filter": "nonsense"}, "expected at character"),
        ({"filter": {"and": "a = 1"}}, "and"),
        ({"filter": {"and": [], "or": []}}, "or"),
        ({"filter": {"field": "a", "op": "in", "value": 1}}, "list"),
        ({"filter": {"field": "a", "op": "=", "value": {}}}, "compares"),
        ({"filter": {"field": "task.priority", "op": "=", "value": "x"}}, "whole number"),
        ({"filter": 7}, "a text"),
        ({"filter": ["a = 1"] * 200}, "at most 100"),
        ({"scope": "all"}, "scope"),
        ({"size": 201}, "size"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_cannot_be_read_says_where(client: FlaskClient, asked: dict[str, Any], says: str) -> None:
    response = search(client, **asked)
    assert response.status_code == 400
    assert says in str(body(response))


def test_deep_groups_are_refused(client: FlaskClient) -> None:
    nested: Any = "a = 1"
    for _ in range(50):
        nested = {"not": nested}
    assert search(client, filter=nested).status_code == 400


def test_sorted_by_values_of_the_payload(client: FlaskClient, engine: DirectAsking) -> None:
    """Numbers, texts, truths; the other way round descending; without the value last in both directions."""
    for name, payload in {
        "one": {"v": 1},
        "ten": {"v": 10},
        "text": {"v": "B"},
        "small": {"v": "a"},
        "none": {},
    }.items():
        offered(engine, name, payload=payload)
    assert names(get(client, "/tasks?sort=payload.v")) == ["one", "ten", "small", "text", "none"]
    assert names(get(client, "/tasks?sort=-payload.v")) == ["text", "small", "ten", "one", "none"]
    found, after = [], None
    for _ in range(5):
        page = body(
            get(client, "/tasks", query_string={"sort": "-payload.v", "size": 1, **({"after": after} if after else {})})
        )
        found += [task["engineTaskId"] for task in page["items"]]
        after = page["next"]
    assert (found, after) == (["text", "small", "ten", "one", "none"], None)


def test_tasks_are_found_by_their_entries(client: FlaskClient, engine: DirectAsking) -> None:
    about = entry(engine, "o1", payload={"customer": {"city": "Köln"}})
    offered(engine, "t1", correlations=(about,))
    offered(engine, "t2")
    for asked in ("filter=data.name = Order o1", "filter=customer.city = Köln", "q=köln"):
        assert names(get(client, f"/tasks?{asked}")) == ["t1"]
    entry(engine, "o1", payload={"customer": {"city": "Rom"}})
    assert names(get(client, "/tasks?q=köln")) == []
    assert names(get(client, "/tasks?q=rom order")) == ["t1"]


def test_what_one_can_filter_by(client: FlaskClient, engine: DirectAsking) -> None:
    about = entry(engine, "o1", payload={"city": "Köln"})
    offered(engine, "t1", payload={"amount": 5, "tags": ["b", "a"]}, correlations=(about,))
    offered(engine, "t2", payload={"amount": 7, "deep": {"er": True}})
    offered(engine, "t3", payload={"secret": "x"}, candidate_groups=("others",))
    items = {one["name"]: one["types"] for one in body(get(client, "/tasks/attributes"))["items"]}
    assert items["task.priority"] == ["number"]
    assert {name: types for name, types in items.items() if not name.startswith(("task.", "data."))} == {
        "amount": ["number"],
        "city": ["text"],
        "deep.er": ["boolean"],
        "tags": ["text"],
    }
    values = {
        name: body(get(client, f"/tasks/attributes/{name}/values"))["items"]
        for name in ("amount", "tags", "secret", "city", "task.candidateGroups", "data.name", "task.assignee", "deep")
    }
    assert values == {
        "amount": [5, 7],
        "tags": ["a", "b"],
        "secret": [],
        "city": ["Köln"],
        "task.candidateGroups": ["approvers"],
        "data.name": ["Order o1"],
        "task.assignee": [],
        "deep": [],
    }
    assert body(get(client, "/tasks/attributes/city/values?begins=kÖ"))["items"] == ["Köln"]
    assert body(get(client, "/tasks/attributes/city/values?begins=x"))["items"] == []
    assert get(client, "/tasks/attributes/task.nope/values").status_code == 400


def test_what_i_took_part_in(client: FlaskClient, engine: DirectAsking) -> None:
    mine = offered(engine, "t1")
    offered(engine, "t2")
    for action in ("claim", "unclaim"):
        assert post(client, f"/tasks/{mine}/{action}").status_code == 200
    assert names(get(client, "/tasks?scope=involved")) == ["t1"]
    assert names(get(client, "/tasks?scope=involved", REQUESTER)) == []
    assert names(get(client, "/tasks?scope=involved", ADMIN)) == []
    assert post(client, f"/tasks/{mine}/claim").status_code == 200
    assert post(client, f"/tasks/{mine}/complete", json={"variables": {}}).status_code == 200
    assert names(get(client, "/tasks?scope=involved")) == ["t1"]


def test_entries_are_asked_for_in_the_same_grammar(client: FlaskClient, engine: DirectAsking) -> None:
    for number in range(4):
        entry(engine, f"o{number}", payload={"n": number}, state={"processingType": "COMPLETED", "state": "Done"})
    page = body(get(client, "/data-entries?filter=n >= 1&filter=data.state.state = Done&sort=-entryId&size=2"))
    assert ([one["entryId"] for one in page["items"]], page["total"]) == (["o3", "o2"], 3)
    after = body(
        get(
            client,
            "/data-entries",
            query_string={"filter": "n >= 1", "sort": "-entryId", "size": 2, "after": page["next"]},
        )
    )
    assert [one["entryId"] for one in after["items"]] == ["o1"]
    assert body(get(client, "/data-entries?q=ord o2"))["total"] == 1
    assert body(get(client, "/data-entries?q=o2", "accountant1"))["total"] == 0
    assert get(client, "/data-entries?filter=task.name = x").status_code == 400


def test_instances_are_asked_for_in_the_same_grammar(client: FlaskClient, engine: DirectAsking) -> None:
    for key in ("R-1", "R-2"):
        started = post(client, "/process-definitions/approval/none/start", REQUESTER, json={"businessKey": key})
        assert started.status_code in (201, 404)
    response = get(client, "/process-instances?filter=instance.businessKey ~ r-&q=r&sort=-businessKey", REQUESTER)
    assert response.status_code == 200
    assert get(client, "/process-instances?filter=instance.nope = 1").status_code == 400


def test_comments(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, "t1")
    made = post(client, f"/tasks/{task}/comments", json={"text": "Please look"})
    assert made.status_code == 201
    once: dict[str, Any] = {"json": {"text": "Once"}, "headers": {"Idempotency-Key": "k"}}
    again = [post(client, f"/tasks/{task}/comments", **once) for _ in range(2)]
    assert body(again[0])["id"] == body(again[1])["id"]
    shown = body(get(client, f"/tasks/{task}/comments", "approver2"))["items"]
    assert [(one["user"], one["text"]) for one in shown] == [(APPROVER, "Please look"), (APPROVER, "Once")]
    lines = body(get(client, f"/tasks/{task}/history"))["items"]
    assert [line["type"] for line in lines] == ["task.created", "task.commented", "task.commented"]
    assert [line["revision"] for line in lines] == [1, 1, 1]
    assert lines[1]["changes"] == {"user": APPROVER, "text": "Please look"}
    comment = f"/tasks/{task}/comments/{body(made)['id']}"
    assert client.delete(f"/api/v1{comment}", auth=("approver2", "approver2")).status_code == 404
    assert client.delete(f"/api/v1{comment}", auth=(APPROVER, APPROVER)).status_code == 204
    assert len(body(get(client, f"/tasks/{task}/comments"))["items"]) == 1
    for response in (
        get(client, f"/tasks/{task}/comments", REQUESTER),
        post(client, f"/tasks/{task}/comments", REQUESTER, json={"text": "x"}),
    ):
        assert response.status_code == 404
    for text in ("", "  ", "x" * 10_001, "a\0b", 7):
        assert post(client, f"/tasks/{task}/comments", json={"text": text}).status_code == 400


def test_the_same_is_said_about_several(client: FlaskClient, engine: DirectAsking) -> None:
    seen = [offered(engine, name) for name in ("t1", "t2")]
    full, foreign = offered(engine, "t3"), offered(engine, "t4", candidate_groups=("others",))
    crowd = [{"_id": str(n), "taskKey": full, "user": "x", "text": "x", "time": ""} for n in range(MOST_COMMENTS)]
    engine.database["comment"].insert_many(crowd)
    ids = [seen[0], foreign, full, seen[1], "nonsense", seen[0]]
    sent = {"action": "comment", "ids": ids, "text": "Are these late?"}
    first, again = (
        body(post(client, "/tasks/bulk", json=sent, headers={"Idempotency-Key": "k"}))["items"] for _ in range(2)
    )
    assert first == again
    assert [(item["id"], item["status"]) for item in first] == [
        (seen[0], "accepted"),
        (foreign, "rejected"),
        (full, "rejected"),
        (seen[1], "accepted"),
        ("nonsense", "rejected"),
    ]
    assert first[1]["problem"] == first[4]["problem"], "what one may not see is not there"
    assert (first[1]["problem"]["status"], first[2]["problem"]["detail"]) == (404, "a task has at most 1000 comments")
    for task in seen:
        shown = body(get(client, f"/tasks/{task}/comments"))["items"]
        assert [(one["user"], one["text"]) for one in shown] == [(APPROVER, "Are these late?")]
    assert engine.database["comment"].count_documents({"taskKey": foreign}) == 0
    # Without a key it is said again, as it is of one.
    post(client, "/tasks/bulk", json=sent)
    assert len(body(get(client, f"/tasks/{seen[0]}/comments"))["items"]) == 2
    assert post(client, "/tasks/bulk", json={"action": "comment", "ids": seen}).status_code == 422
    assert post(client, "/tasks/bulk", json={**sent, "text": " "}).status_code == 400


def test_what_was_said_last_is_said_once_where_no_more_can_be(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, "t1")
    crowd = [{"_id": str(n), "taskKey": task, "user": "x", "text": "x", "time": ""} for n in range(MOST_COMMENTS - 1)]
    engine.database["comment"].insert_many(crowd)
    once: dict[str, Any] = {"json": {"text": "The last"}, "headers": {"Idempotency-Key": "k"}}
    answers = [post(client, f"/tasks/{task}/comments", **once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert post(client, f"/tasks/{task}/comments", json={"text": "More"}).status_code == 400


def test_drafts_are_ones_own(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, "t1")
    assert get(client, f"/tasks/{task}/draft").status_code == 404
    for value in (1, 2):
        assert post(client, f"/tasks/{task}/draft", json={"variables": {"a": value}}).status_code == 200
    assert body(get(client, f"/tasks/{task}/draft"))["variables"] == {"a": 2}
    assert get(client, f"/tasks/{task}/draft", "approver2").status_code == 404
    assert get(client, f"/tasks/{task}/draft", REQUESTER).status_code == 404
    assert post(client, f"/tasks/{task}/draft", json={"variables": [1]}).status_code == 422
    for _ in range(2):
        assert client.delete(f"/api/v1/tasks/{task}/draft", auth=(APPROVER, APPROVER)).status_code == 204
    assert get(client, f"/tasks/{task}/draft").status_code == 404


def test_a_task_by_itself_says_whether_there_is_a_draft(client: FlaskClient, engine: DirectAsking) -> None:
    task = offered(engine, "t1")
    assert body(get(client, f"/tasks/{task}"))["draft"] is None
    kept = body(post(client, f"/tasks/{task}/draft", json={"variables": {"a": 1}}))
    assert body(get(client, f"/tasks/{task}"))["draft"] == {"time": kept["time"]}
    assert body(get(client, f"/tasks/{task}", "approver2"))["draft"] is None, "it is nobody else's"
    assert "draft" not in body(get(client, "/tasks"))["items"][0]
    client.delete(f"/api/v1/tasks/{task}/draft", auth=(APPROVER, APPROVER))
    assert body(get(client, f"/tasks/{task}"))["draft"] is None


def test_saved_filters(client: FlaskClient, engine: DirectAsking) -> None:
    query = {"scope": "group", "filter": ["task.priority >= 50"], "q": "x", "sort": "-priority"}
    made = body(post(client, "/filters", json={"name": "Urgent", "query": query, "groups": ["approvers"]}))
    assert (made["query"], made["own"]) == (query, True)
    post(client, "/filters", json={"name": "Mine", "query": {}})
    shown = lambda who: [(one["name"], one["own"]) for one in body(get(client, "/filters", who))["items"]]  # noqa: E731
    assert shown(APPROVER) == [("Mine", True), ("Urgent", True)]
    assert shown("approver2") == [("Urgent", False)]
    assert shown(REQUESTER) == []
    assert post(client, "/filters", json={"name": "x", "query": {}, "groups": ["accounting"]}).status_code == 403
    assert post(client, "/filters", json={"name": "x", "query": {"filter": "nonsense"}}).status_code == 400
    for unkept in ({"page": 2**64}, {"size": -(2**64)}):
        assert post(client, "/filters", json={"name": "x", "query": unkept}).status_code == 422, unkept
    remove = lambda who: client.delete(f"/api/v1/filters/{made['id']}", auth=(who, who)).status_code  # noqa: E731
    assert [remove("approver2"), remove(APPROVER), remove(APPROVER)] == [404, 204, 404]


def test_saved_filters_have_a_description_and_a_color(client: FlaskClient, engine: DirectAsking) -> None:
    def saved(**look: Any) -> tuple[str | None, str | None]:
        made = body(post(client, "/filters", json={"name": "All", "query": {}, "groups": ["approvers"], **look}))
        [shown] = body(get(client, "/filters", "approver2"))["items"]
        assert (shown["description"], shown["color"]) == (made["description"], made["color"])
        return made["description"], made["color"]

    assert saved() == (None, None)
    assert saved(description="Everything", color="purple") == ("Everything", "purple")
    assert saved(position=3) == ("Everything", "purple")
    assert saved(description=None) == (None, "purple")
    assert saved(description="x" * 500, color=None) == ("x" * 500, None)
    for wrong in ({"color": "pink"}, {"color": 1}, {"description": "x" * 501}, {"description": "a\0b"}):
        assert post(client, "/filters", json={"name": "All", "query": {}, **wrong}).status_code == 400, wrong


def test_a_filter_kept_by_an_earlier_version_is_shown(client: FlaskClient, database: Documents) -> None:
    post(client, "/filters", json={"name": "Old", "query": {}})
    database["saved_filter"].update_many({}, {"$unset": {"description": "", "color": ""}})
    [shown] = body(get(client, "/filters"))["items"]
    assert (shown["description"], shown["color"]) == (None, None)


def test_saved_filters_have_an_order_and_count_what_whoever_looks_would_find(
    client: FlaskClient, engine: DirectAsking
) -> None:
    for name in ("t1", "t2"):
        offered(engine, name)
    post(client, "/filters", json={"name": "All", "query": {}, "groups": ["approvers"], "position": 2})
    post(client, "/filters", json={"name": "Mine", "query": {"scope": "mine"}, "position": 1})
    first = body(get(client, "/tasks", APPROVER))["items"][0]["id"]
    assert post(client, f"/tasks/{first}/claim").status_code == 200

    def counted(who: str) -> list[tuple[Any, ...]]:
        found = body(get(client, "/filters?counts=true", who))["items"]
        return [(one["name"], one["position"], one["total"], one["totalIsAtLeast"]) for one in found]

    assert counted(APPROVER) == [("Mine", 1, 1, False), ("All", 2, 2, False)]
    assert counted("approver2") == [("All", 2, 2, False)]
    assert [one["total"] for one in body(get(client, "/filters"))["items"]] == [None, None]


def test_d27_nobody_is_asked_who_they_are_by_a_parameter(client: FlaskClient, engine: DirectAsking) -> None:
    """Without credentials nothing is shown, and whoever claims to be somebody else in a parameter is not."""
    offered(engine, "t1")
    for path in ("tasks", "tasks/counts", "tasks/attributes", "data-entries", "filters", "process-instances", "me"):
        assert client.get(f"/api/v1/{path}", headers={"X-Requested-With": "fetch"}).status_code == 401
    claimed = {"user": APPROVER, "X-Current-User-ID": APPROVER}
    assert names(get(client, "/tasks", REQUESTER, query_string=claimed, headers=claimed)) == []


def test_what_was_searched_for_with_groups_is_followed(client: FlaskClient, engine: DirectAsking) -> None:
    offered(engine, "t0", payload={"n": 0})
    asked = {"filter": {"or": ["n = 1", "n = 2"]}}
    found = body(search(client, **asked))
    assert found["items"] == []
    offered(engine, "t3", payload={"n": 3})
    offered(engine, "t1", payload={"n": 1})
    changes = "/tasks/search/changes?cursor="
    news = body(post(client, f"{changes}{found['cursor']}&wait=5", json=asked))
    assert [task["engineTaskId"] for task in news["entered"]] == ["t1"]
    quiet = body(post(client, f"{changes}{news['cursor']}&wait=0", json=asked))
    assert (quiet["entered"], quiet["reset"]) == ([], False)
    for wrong in (f"{changes}x", "/tasks/search/changes", f"{changes}{found['cursor']}&wait=-1"):
        assert post(client, wrong, json=asked).status_code == 400
    assert post(client, f"{changes}{found['cursor']}", json={"filter": "x"}).status_code == 400
