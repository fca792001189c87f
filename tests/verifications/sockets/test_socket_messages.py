"""What a client may ask, and what it is told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from verifications.events import EventType, envelope
from verifications.sockets.protocol import EVENT_NAMES, LONGEST_MESSAGE

pytestmark = pytest.mark.django_db(transaction=True)

OUTCOMES = {
    EventType.COMPLETED: {"status": "completed", "decision": "approved", "reasonCodes": []},
    EventType.FAILED: {"status": "failed", "decision": "declined", "reasonCodes": ["expired"]},
    EventType.REVIEW: {"status": "in_progress", "decision": "review", "reasonCodes": []},
    EventType.CANCELLED: {"status": "cancelled"},
    EventType.EXPIRED: {"status": "expired"},
    EventType.REVISED: {
        "status": "completed",
        "revision": 1,
        "decision": "declined",
        "previousDecision": "approved",
        "reasonCodes": ["provider_rejected"],
    },
}


def subscribe(verification_id: object, **more: object) -> dict[str, object]:
    return {"action": "subscribe", "verificationId": str(verification_id), **more}


def test_a_subscriber_gets_the_log_from_its_start(open_socket, verification):
    socket = open_socket()

    socket.send(subscribe(verification.pk))

    assert socket.receive() == {
        "event": "subscribed",
        "verificationId": str(verification.pk),
        "afterSequence": 0,
    }
    assert socket.receive() == {"event": "progress", **envelope(verification.events.get())}


def test_the_address_may_name_the_verification(open_socket, verification, tell):
    tell(verification)

    socket = open_socket(f"/{verification.pk}?afterSequence=1")

    assert socket.receive()["afterSequence"] == 1
    assert socket.receive()["sequence"] == 2


def test_after_sequence_leaves_out_what_the_client_has(open_socket, verification, tell):
    for _ in range(4):
        tell(verification)
    socket = open_socket()

    socket.subscribe(verification, afterSequence=3)

    assert socket.sequences(2) == [4, 5]


def test_subscribing_again_starts_again(open_socket, verification, tell):
    tell(verification)
    socket = open_socket()
    socket.subscribe(verification)
    assert socket.sequences(2) == [1, 2]

    socket.subscribe(verification, afterSequence=1)

    assert socket.sequences(1) == [2]
    assert socket.pongs() == [{"event": "pong"}]


@pytest.mark.parametrize("type_", OUTCOMES)
def test_outcomes(open_socket, verification, tell, type_):
    socket = open_socket()
    socket.subscribe(verification, afterSequence=1)

    event = tell(verification, type_, **OUTCOMES[type_])

    assert socket.receive() == {"event": type_.removeprefix("verification."), **envelope(event)}


def test_technical_failure(open_socket, verification, tell):
    error = {"code": "x", "message": "x", "retryable": True, "suggestedAction": "x"}
    socket = open_socket(f"/{verification.pk}?afterSequence=1")
    socket.receive()

    tell(verification, EventType.FAILED, status="failed", decision=None, error=error)

    assert socket.receive()["data"]["error"] == error


def test_every_type_has_its_event():
    assert set(EVENT_NAMES) == set(EventType)


def test_many_verifications_on_one_socket(open_socket, stored, tenant, tell):
    followed = [stored(tenant) for _ in range(5)]
    socket = open_socket()
    for verification in followed:
        socket.subscribe(verification)
        assert socket.receive()["sequence"] == 1

    for verification in followed:
        tell(verification)

    told = {socket.receive()["verificationId"] for _ in followed}
    assert told == {str(verification.pk) for verification in followed}


def test_one_too_many(open_socket, stored, tenant):
    socket = open_socket()
    verifications = [stored(tenant) for _ in range(6)]
    for verification in verifications[:5]:
        socket.subscribe(verification, afterSequence=1)

    socket.send(subscribe(verifications[5].pk))
    assert socket.receive()["code"] == "too_many_subscriptions"

    socket.send({"action": "unsubscribe", "verificationId": str(verifications[0].pk)})
    socket.subscribe(verifications[5])


def test_unsubscribed_hears_no_more(open_socket, verification, tell, stored, tenant):
    socket = open_socket()
    other = stored(tenant)
    socket.subscribe(verification, afterSequence=1)
    socket.subscribe(other, afterSequence=1)

    socket.send({"action": "unsubscribe", "verificationId": str(verification.pk)})
    assert socket.pongs() == [{"event": "pong"}]
    tell(verification)
    tell(other)

    assert socket.receive()["verificationId"] == str(other.pk)


@pytest.mark.parametrize("way", ["message", "address"])
@pytest.mark.parametrize("exists", [True, False])
def test_strangers_learn_nothing(open_socket, stored, stranger, tenant, tell, way, exists):
    """In the words of the API's 404."""
    foreign = stored(stranger).pk if exists else uuid4()
    socket = open_socket(f"/{foreign}" if way == "address" else "")
    if way == "message":
        socket.send(subscribe(foreign, afterSequence=0))

    assert socket.receive() == {
        "event": "error",
        "code": "verification_not_found",
        "message": f"Verification {foreign} not found for tenant {tenant.pk}",
        "suggestedAction": "Use the id that the create answered with",
        "retryable": False,
        "verificationId": str(foreign),
    }
    assert socket.pongs() == [{"event": "pong"}]


def test_strangers_on_one_server(open_socket, stored, verification, stranger, client_of, tell):
    """Both follow their own; nobody hears of the other."""
    foreign_key = client_of(stranger)._credentials["HTTP_X_API_KEY"]
    foreign = stored(stranger)
    ours, theirs = open_socket(), open_socket(headers={"X-API-Key": foreign_key})
    ours.subscribe(verification, afterSequence=1)
    theirs.subscribe(foreign, afterSequence=1)

    tell(foreign)
    tell(verification)

    assert ours.receive()["verificationId"] == str(verification.pk)
    assert theirs.receive()["verificationId"] == str(foreign.pk)
    assert ours.pongs() == theirs.pongs() == [{"event": "pong"}]


def test_what_cannot_be_obeyed(open_socket):
    malformed = [
        "", "{", "[]", "null", '"ping"', "[" * 4000, "x" * (LONGEST_MESSAGE + 1), b"\x00\xff",
        {}, {"action": "dance"}, {"action": ["ping"]},
        *(subscribe(uuid4(), afterSequence=value) for value in (-1, "1", True, 1.5, 2**31)),
    ]  # fmt: skip
    without_id = [
        {"action": "subscribe"}, {"action": "unsubscribe"}, subscribe("not-an-id"),
        {"action": "subscribe", "verificationId": 7},
    ]  # fmt: skip
    socket = open_socket()

    def code_of(message):
        socket.send(message)
        return socket.receive()["code"]

    assert {code_of(message) for message in malformed} == {"malformed_message"}
    assert {code_of(message) for message in without_id} == {"malformed_id"}
    assert socket.pongs() == [{"event": "pong"}]


def test_addresses_that_cannot_be_obeyed(open_socket, verification):
    wrong = ["x", "-1", "1.5", "9" * 10, "9" * 5000]
    addresses = [f"/{verification.pk}?afterSequence={value}" for value in wrong]

    codes = {open_socket(address).receive()["code"] for address in addresses}

    assert codes == {"malformed_message"}
    assert open_socket("/not-an-id").receive()["code"] == "malformed_id"
