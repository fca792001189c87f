"""IDMeta's webhooks as the sandbox sends them, and what may go wrong with them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
import requests

from tests.webhooks import receiver as receivers

SECRET = "sandbox-secret"
NBI = {"clearanceNo": "H000AAAA00-AA00000001"}
TYPED = ["trustValidation.create", "verification.philippines_nbi_clearance"]
COMPLETE = "trustValidation.complete"


@pytest.fixture
def receiver():
    with receivers.running() as one:
        yield one


@pytest.fixture
def configure(control, receiver):
    def settings(**more):
        control("settings", {"webhookUrl": receiver.url, "webhookSecret": SECRET, **more})

    return settings


@pytest.fixture
def verify(idmeta):
    """Create, check an NBI clearance, finalize; the verification's id."""

    def run():
        ids = idmeta.create("960")
        assert idmeta.post("/v1/verification/philippines/nbiclearance", ids | NBI).ok
        idmeta.finalize(ids)
        return ids["verification_id"]

    return run


def wait_for(receiver, count):
    deadline = time.monotonic() + 10
    while len(receiver.got) < count:
        assert time.monotonic() < deadline, f"{len(receiver.got)} of {count} came"
        time.sleep(0.02)
    return [json.loads(one.body) for one in receiver.got]


def is_authentic(one, *, header="idmeta-signature", prefix=""):
    expected = hmac.new(SECRET.encode(), one.body, hashlib.sha256).hexdigest()
    return one.headers.get(header) == prefix + expected


def types(contents):
    return [content.get("type", "legacy") for content in contents]


def sent(sandbox):
    return requests.get(f"{sandbox}/control/webhooks", timeout=5).json()


def test_typed_and_signed(configure, verify, receiver, sandbox):
    configure()
    verification_id = verify()

    create, check, complete = wait_for(receiver, 3)

    assert types([create, check, complete]) == [*TYPED, COMPLETE]
    assert create["data"]["id"] == complete["data"]["id"] == verification_id
    assert check["trustValidationId"] == verification_id
    assert (create["data"]["status"], complete["data"]["status"]) == (99, 3)
    assert check["verificationStatusCode"] == 3
    assert all(is_authentic(one) for one in receiver.got)
    log = sent(sandbox)
    assert [entry["type"] for entry in log] == [*TYPED, COMPLETE]
    assert all(entry["isSigned"] for entry in log)


@pytest.mark.parametrize(
    ("format_", "expected"),
    [("legacy", ["legacy"]), ("both", [*TYPED, COMPLETE, "legacy"])],
)
def test_the_flat_format(configure, verify, receiver, format_, expected):
    configure(webhookFormat=format_, webhookHeader="X-Own", webhookPrefix="sha256=")
    verification_id = verify()

    contents = wait_for(receiver, len(expected))

    assert types(contents) == expected
    assert (contents[-1]["id"], contents[-1]["status"]) == (verification_id, "VERIFIED")
    assert all(is_authentic(one, header="x-own", prefix="sha256=") for one in receiver.got)


def test_unsigned(configure, verify, receiver):
    configure(webhookSecret="")
    verify()
    wait_for(receiver, 3)
    assert not any("idmeta-signature" in one.headers for one in receiver.got)


def test_forged(configure, verify, receiver):
    configure(webhookSwitches="forged")
    verify()
    wait_for(receiver, 3)
    assert all("idmeta-signature" in one.headers for one in receiver.got)
    assert not any(is_authentic(one) for one in receiver.got)


def test_doubled(configure, verify, receiver):
    configure(webhookSwitches="doubled")
    verify()
    contents = wait_for(receiver, 6)
    assert contents[0::2] == contents[1::2]


def test_reordered(configure, verify, receiver):
    configure(webhookSwitches="reordered")
    verify()
    assert types(wait_for(receiver, 3)) == [COMPLETE, *reversed(TYPED)]


def test_late(configure, verify, receiver):
    configure(webhookSwitches="late", webhookLateSeconds=0.5)
    started = time.monotonic()
    verify()
    assert receiver.got == []
    assert types(wait_for(receiver, 3)) == [*TYPED, COMPLETE]
    assert time.monotonic() - started >= 0.5


def test_early(configure, idmeta, receiver):
    """It is there before the answer to the call that it tells of."""
    configure(webhookSwitches="early")
    ids = idmeta.create("960")
    assert json.loads(receiver.got[0].body)["data"]["id"] == ids["verification_id"]


def test_missing(configure, verify, receiver, sandbox):
    configure(webhookSwitches="missing")
    verify()
    assert [entry["error"] for entry in sent(sandbox)] == ["missing"] * 3
    assert receiver.got == []


def test_a_receiver_that_is_not_there(control, verify, sandbox):
    control("settings", {"webhookUrl": "http://127.0.0.1:1/", "webhookSwitches": "early"})
    verify()
    assert {entry["error"] for entry in sent(sandbox)} == {"ConnectionError"}


def test_a_reviewer_decides(configure, idmeta, control, receiver):
    control("settings", {"decidesLater": True})
    ids = idmeta.create("960")
    idmeta.post("/v1/verification/philippines/nbiclearance", ids | NBI)
    assert idmeta.finalize(ids)["status"] == 5
    configure()

    for status, code in ((None, 3), ("REJECTED", 1), ("REVIEW_NEEDED", 2)):
        body = {"verificationId": ids["verification_id"]}
        control("decisions", {**body, "status": status} if status else body)
        assert idmeta.finalize(ids)["status"] == code

    codes = [content["data"]["status"] for content in wait_for(receiver, 3)]
    assert codes == [3, 1, 2]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("settings", {"webhookSwitches": "forged,nonsense"}, 400),
        ("settings", {"webhookFormat": "xml"}, 400),
        ("settings", {"webhookLateSeconds": "5"}, 400),
        ("settings", {"webhookLateSeconds": 5}, 200),
        ("decisions", {"verificationId": "nobody"}, 404),
    ],
)
def test_wrong_switches(sandbox, path, body, status):
    assert requests.post(f"{sandbox}/control/{path}", json=body, timeout=5).status_code == status
