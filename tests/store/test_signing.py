"""What the web has signed is believed, and nothing else."""

import base64
import json
import secrets
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kombu.utils.json import dumps, loads

from domain.access import User
from domain.requests.request import Request, from_plain, to_plain, to_text
from store.messaging.signing import BadSignature, Signer, Verifier, public_key_of

KEY, OTHER = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
TIMES = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
ASKED = Request(
    *("c1", "app", "complete", User("ann", ("approvers",)), *TIMES, "t1"),
    arguments={
        "variables": {
            "b": [1, 2.5, None, True, "é\u2028"],
            "a": {"__type__": "uuid", "__value__": "x"},
            "c": {"__type__": "datetime", "__value__": "2026-01-01"},
        }
    },
    expected_revision=3,
    traceparent="00-a-b-01",
    digest="d",
)


def sent(request):
    return from_plain(loads(dumps([to_text(request)]))[0])


def test_what_was_signed_is_believed_after_its_journey():
    Verifier([public_key_of(KEY)]).verify(sent(Signer(KEY).sign(ASKED)))


def test_what_a_web_of_before_tenants_has_signed_is_believed_and_tenants_are_signed():
    plain = {name: value for name, value in to_plain(ASKED).items() if name not in ("signature", "traceparent")}
    plain["user"] = {"name": "ann", "groups": ["approvers"], "application": None}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(KEY))
    signature = base64.b64encode(key.sign(text.encode())).decode()
    verifier = Verifier([public_key_of(KEY)])
    verifier.verify(from_plain({**plain, "signature": signature}))
    northern = {**plain, "user": {**plain["user"], "tenants": ["north"]}, "signature": signature}
    assert not verifier.believes(from_plain(northern))
    verifier.verify(sent(Signer(KEY).sign(from_plain(northern))))


def test_two_keys_are_valid_while_one_is_rotated():
    both = Verifier([public_key_of(KEY), public_key_of(OTHER)])
    for key in (KEY, OTHER):
        both.verify(sent(Signer(key).sign(ASKED)))
    with pytest.raises(BadSignature):
        Verifier([public_key_of(OTHER)]).verify(Signer(KEY).sign(ASKED))


CHANGED = {
    "command_id": "c2",
    "application": "other",
    "action": "claim",
    "user": User("ann", ("approvers", "admins")),
    "issued_at": TIMES[1],
    "expires_at": "2027-01-01T00:00:00.000Z",
    "task_id": "t2",
    "arguments": {"variables": {}},
    "expected_revision": None,
    "digest": None,
    "outside": True,
}


def test_everything_an_engine_believes_is_signed():
    assert {field.name for field in fields(Request)} == {*CHANGED, "signature", "traceparent"}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_anything_is_noticed(name):
    forged = replace(Signer(KEY).sign(ASKED), **{name: CHANGED[name]})
    with pytest.raises(BadSignature):
        Verifier([public_key_of(KEY)]).verify(forged)


@pytest.mark.parametrize("signature", [None, "", "?", "AAAA", "é", base64.b64encode(b"x" * 64).decode()])
def test_no_signature_or_rubbish(signature):
    with pytest.raises(BadSignature):
        Verifier([public_key_of(KEY)]).verify(replace(ASKED, signature=signature))


def test_without_a_key_nobody_is_believed():
    with pytest.raises(BadSignature):
        Verifier([]).verify(Signer(KEY).sign(ASKED))
