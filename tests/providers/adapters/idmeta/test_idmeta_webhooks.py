"""Callbacks: signatures, both formats, what a notice says."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from providers.errors import WebhookForged, WebhookMalformed
from providers.types import Verdict
from tests.providers.adapters.idmeta.support import EXTERNAL_ID, PAYLOADS, connect, load

NEW, OLD = "new-secret", "old-secret"


def raw(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def signature(body: bytes, secret: str = NEW) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def notice_of(adapter, content):
    return adapter.read_webhook({}, json.dumps(content).encode(), ())


@pytest.mark.parametrize(
    ("payload", "kind", "verdict", "is_terminal", "status"),
    [
        ("webhook.trustValidation.complete", "trustValidation.complete", Verdict.PASSED, True, 3),
        ("webhook.trustValidation.create", "trustValidation.create", None, False, 99),
        ("webhook.verification.check", "verification.aml", None, False, 3),
        ("webhook.legacy", "legacy", Verdict.REVIEW, True, 2),
    ],
)
def test_notices(adapter, payload, kind, verdict, is_terminal, status):
    body = raw(payload)
    headers = {"Idmeta-Signature": signature(body)}
    notice = adapter.read_webhook(headers, body, (NEW,))
    assert notice.kind == kind
    assert notice.external_id == EXTERNAL_ID
    assert notice.verdict is verdict
    assert notice.is_terminal is is_terminal
    assert notice.is_signed is True
    assert notice.dedupe_key == f"{kind}:{EXTERNAL_ID}:{status}"
    assert "HALIMBAWA" not in repr(notice)


BODY = raw("webhook.trustValidation.complete")


@pytest.mark.parametrize(
    "headers",
    [
        {"Idmeta-Signature": signature(BODY)},
        {"idmeta-signature": signature(BODY)},
        {"X-IDMETA-SIGNATURE": signature(BODY)},
        {"x-webhook-signature": signature(BODY)},
        {"Idmeta-Signature": "sha256=" + signature(BODY)},
        {"Idmeta-Signature": " " + signature(BODY).upper()},
        {"Idmeta-Signature": signature(BODY, OLD)},
    ],
)
def test_authentic_signatures(adapter, headers):
    assert adapter.read_webhook(headers, BODY, (NEW, OLD)).is_signed is True


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Idmeta-Signature": ""},
        {"Idmeta-Signature": signature(BODY, "guess")},
        {"Idmeta-Signature": signature(BODY)[:-1]},
        {"Idmeta-Signature": signature(BODY) + "0"},
        {"Idmeta-Signature": "sha256="},
        {"Idmeta-Signature": "sha1=" + signature(BODY)},
        {"Idmeta-Signature": "ä" * 64},
        {"X-Other": signature(BODY)},
    ],
)
def test_forged_signatures(adapter, headers):
    with pytest.raises(WebhookForged):
        adapter.read_webhook(headers, BODY, (NEW, OLD))


def test_a_changed_body_is_forged(adapter):
    with pytest.raises(WebhookForged):
        adapter.read_webhook({"Idmeta-Signature": signature(BODY)}, BODY + b" ", (NEW,))


def test_a_dropped_secret_no_longer_counts(adapter):
    with pytest.raises(WebhookForged):
        adapter.read_webhook({"Idmeta-Signature": signature(BODY, OLD)}, BODY, (NEW,))


def test_only_the_configured_headers_count():
    adapter = connect(webhook_signature_headers="X-Custom, X-Second")
    assert adapter.read_webhook({"x-second": signature(BODY)}, BODY, (NEW,)).is_signed is True
    with pytest.raises(WebhookForged):
        adapter.read_webhook({"Idmeta-Signature": signature(BODY)}, BODY, (NEW,))


def test_without_a_secret_a_notice_is_unsigned(adapter):
    notice = adapter.read_webhook({"Idmeta-Signature": signature(BODY)}, BODY, ())
    assert notice.is_signed is False


@pytest.mark.parametrize("metadata", [{"accid": "T-1"}, "accid:T-1,tx:2", None])
def test_metadata_of_any_shape(adapter, metadata):
    content = load("webhook.trustValidation.complete")
    content["data"]["metadata"] = metadata
    assert notice_of(adapter, content).external_id == EXTERNAL_ID


@pytest.mark.parametrize(
    ("status", "verdict", "shown"),
    [
        (1, Verdict.FAILED, "1"),
        ("2", Verdict.REVIEW, "2"),
        ("VERIFIED", Verdict.PASSED, "3"),
        (4, None, "4"),
        (5, None, "5"),
        (6, None, "6"),
        (42, None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_the_overall_status(adapter, status, verdict, shown):
    notice = notice_of(
        adapter, {"type": "trustValidation.complete", "data": {"id": "v", "status": status}}
    )
    assert notice.verdict is verdict
    assert notice.is_terminal is True
    assert notice.dedupe_key == f"trustValidation.complete:v:{shown}"


@pytest.mark.parametrize(
    ("status", "is_terminal"),
    [("VERIFIED", True), (6, True), ("IN_PROGRESS", False), (None, False)],
)
def test_a_legacy_notice_ends_with_its_status(adapter, status, is_terminal):
    assert notice_of(adapter, {"id": "v", "status": status}).is_terminal is is_terminal


def test_a_check_whose_fields_are_under_data(adapter):
    content = {"type": "verification.aml", "data": {"trustValidationId": "v", "id": 9, "status": 2}}
    notice = notice_of(adapter, content)
    assert (notice.external_id, notice.verdict) == ("v", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"type": "trustValidation.complete"}',
        b'{"type": "trustValidation.complete", "id": "v"}',
        b'{"type": "", "data": {"id": "v"}}',
        b'{"status": 3}',
        b"[" * 100_000,
    ],
)
def test_malformed(adapter, body):
    with pytest.raises(WebhookMalformed):
        adapter.read_webhook({"Idmeta-Signature": signature(body)}, body, (NEW,))
