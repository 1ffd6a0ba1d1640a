"""What is personal is sealed wherever it is, for whom it is about, and nothing else is touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.personal import (
    ERASED,
    CannotOpen,
    Personal,
    erased,
    keys_in,
    keys_sent,
    opened,
    opened_event,
    overwritten,
    places,
    sealed,
    with_keys,
)
from store.personal.cipher import Keyring, NoKeyring

RULE = Personal.of
KEY = "4sTbXwqB1pKj0VQhX3N2c0H0vYkQm5bq4mG7q0c0u1E="
OTHER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def said(owner, value):
    return f"<{owner}:{json.dumps(value)}>"


@pytest.mark.parametrize(
    ("data", "rules", "whose", "expected"),
    [
        ({"name": "Ann", "id": 7}, [("name", "id")], {}, {"name": '<7:"Ann">', "id": 7}),
        ({"c": {"id": "7", "n": "Ann"}}, [("c.n", "c.id")], {}, {"c": {"id": "7", "n": '<7:"Ann">'}}),
        ({"n": "Ann"}, [("n", "c.id")], {"c": {"id": "7"}}, {"n": '<7:"Ann">'}),
        ({"n": "Ann"}, [("n", "id")], {}, {"n": '<x:"Ann">'}),
        ({"n": None, "m": ERASED}, [("n", "id"), ("m", "id")], {}, {"n": None, "m": ERASED}),
        ({"id": "7", "n": "A"}, [("id", "id"), ("n", "id")], {}, {"id": '<7:"7">', "n": '<7:"A">'}),
        ({"c": {"iban": {"a": [1]}}, "id": 5}, [("c.iban", "id")], {}, {"c": {"iban": '<5:{"a": [1]}>'}, "id": 5}),
        (
            {"p": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"n": "c"}, "text"]},
            [("p.n", "p.id")],
            {"p": [{"id": 1}, {"id": 2}]},
            {"p": [{"id": 1, "n": '<1:"a">'}, {"id": 2, "n": '<2:"b">'}, {"n": '<x:"c">'}, "text"]},
        ),
        ({"id": ["1", "2"], "n": "Ann"}, [("n", "id")], {}, {"id": ["1", "2"], "n": '<x:"Ann">'}),
        ({"n": "Ann"}, [("n.first", "id"), ("z", "id")], {}, {"n": "Ann"}),
    ],
    ids=str,
)
def test_for_whom_it_is(data, rules, whose, expected):
    assert sealed(data, [RULE(*one) for one in rules], whose, "x", said) == expected


def test_only_what_is_of_the_person_is_erased():
    data = {"p": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}], "q": "c"}
    rules = [RULE("p.n", "p.id"), RULE("q", "who")]
    assert erased(data, rules, data, "x", "2") == {"p": [{"id": 1, "n": "a"}, {"id": 2, "n": ERASED}], "q": "c"}
    assert erased(data, rules, data, "x", "x")["q"] == ERASED


@given(value=JSON, other=JSON)
def test_what_is_sealed_can_be_opened_and_is_nowhere_in_what_is_sent(value, other):
    ring = Keyring([KEY])
    wrapped = ring.new_key()
    data = {"c": {"v": value, "o": other}, "id": "7"}
    hidden = sealed(data, [RULE("c.v", "id")], {}, "x", lambda _, one: ring.seal("0" * 32, wrapped, one))
    body = with_keys(json.dumps({"data": {"changes": {}, "state": hidden}}), {"0" * 32: wrapped})
    event = json.loads(body)
    assert keys_sent(event) == ({"0" * 32: wrapped} if value not in (None, ERASED) else {})
    assert opened_event(event, ring.open, ())["data"]["state"] == data
    gone = ERASED if value is not None else None
    assert opened_event(event, ring.open, {"0" * 32})["data"]["state"] == {**data, "c": {"v": gone, "o": other}}
    assert opened_event(event, Keyring([OTHER]).open, ())["data"]["state"]["c"]["v"] == gone


def test_equal_values_look_equal_for_one_person_only():
    ring = Keyring([KEY])
    one, other = ring.new_key(), ring.new_key()
    assert ring.seal("0" * 32, one, "Ann") == ring.seal("0" * 32, one, "Ann")
    assert ring.seal("0" * 32, one, "Ann").rpartition(".")[2] != ring.seal("1" * 32, other, "Ann").rpartition(".")[2]


def test_a_key_of_the_system_can_be_rotated():
    wrapped = Keyring([KEY]).new_key()
    value = Keyring([KEY]).seal("0" * 32, wrapped, {"a": 1})
    assert Keyring([OTHER, KEY]).open(wrapped, value) == {"a": 1}
    with pytest.raises(CannotOpen):
        Keyring([OTHER]).open(wrapped, value)
    with pytest.raises(NoKeyring, match="TASKPOOL_PERSONAL_KEYS"):
        Keyring([]).new_key()


@pytest.mark.parametrize(
    "text",
    [
        f"personal.v1.{'0' * 32}.AAAA",
        f"personal.v1.{'0' * 32}.{'A' * 40}",
        f"personal.v1.{'f' * 32}.A",
    ],
)
def test_what_somebody_types_that_looks_sealed_is_shown_as_erased_and_harms_nobody(text):
    ring = Keyring([KEY])
    event = {"data": {"changes": {}, "state": {"a": text}}, "personalkeys": f"{'0' * 32}:{ring.new_key()}"}
    assert opened_event(event, ring.open, ())["data"]["state"] == {"a": ERASED}


@pytest.mark.parametrize(
    "text", ["personal.v1.", "personal.v1.zz.AAAA", f"personal.v1.{'0' * 32}.", f"x personal.v1.{'0' * 32}.AA"]
)
def test_what_only_begins_like_it_stays(text):
    assert opened({"a": [text]}, lambda _: pytest.fail(text)) == {"a": [text]}


@pytest.mark.parametrize("said", [None, 7, "", "nonsense", "a:b c", ["x"]])
def test_keys_that_cannot_be_read_are_none(said):
    value = Keyring([KEY]).seal("0" * 32, Keyring([KEY]).new_key(), 1)
    event = {"data": {"changes": {}, "state": {"a": value}}, "personalkeys": said}
    assert opened_event(event, Keyring([KEY]).open, ())["data"]["state"] == {"a": ERASED}


def test_places_are_found_and_overwritten():
    value = f"personal.v1.{'0' * 32}.AA"
    data = {"a.b": [{"$c": value}, 1], "d": value}
    found = list(places(data))
    assert found == [("0" * 32, ["a.b", 0, "$c"]), ("0" * 32, ["d"])]
    assert overwritten(data, [path for _, path in found]) == {"a.b": [{"$c": ERASED}, 1], "d": ERASED}
    assert overwritten({"a": 1}, [["b"], ["a", "b"], ["a", 0]]) == {"a": 1}
    assert keys_in(json.dumps(data)) == {"0" * 32}


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b"])
def test_a_path_is_names(path):
    with pytest.raises(ValueError, match="dots"):
        RULE(path, "id")
