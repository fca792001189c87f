"""`POST /hooks/{provider}/{token}`: who is let in, and what is kept."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now
from django_q.models import OrmQ

from common.hashing import secret_hash
from common.sealing import SealBroken
from providers.models import ProviderAccount
from providers.services import adapter_for
from tests.webhooks.inbound.conftest import OLD_SECRET, SECRET, complete, signature
from webhooks.inbound import addresses
from webhooks.models import InboundAddress, InboundStatus, InboundWebhook

pytestmark = pytest.mark.django_db

BODY = complete("vendor-1", person="ERIKSSON")


def test_a_notice_is_stored_and_left_to_a_worker(post, account, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(BODY)

    assert (answer.status_code, answer.json()) == (202, {"received": True})
    row = InboundWebhook.objects.get()
    assert (row.provider_account, row.status) == (account, InboundStatus.PENDING)
    assert (row.kind, row.external_id) == ("trustValidation.complete", "vendor-1")
    assert row.is_signed is True
    task = OrmQ.objects.get().task
    assert task["func"] == "webhooks.tasks.process_inbound"
    assert (task["args"], task["kwargs"]) == ((), {})


def test_the_body_is_sealed(post):
    post(BODY)

    values = InboundWebhook.objects.values().get()
    assert "ERIKSSON" not in str(values)
    assert b"ERIKSSON" not in bytes(values["sealed_content"])
    content = InboundWebhook.objects.get().content
    raw = json.dumps(BODY).encode()
    assert content["headers"] == {"Idmeta-Signature": signature(raw)}


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
@pytest.mark.parametrize(
    ("header", "prefix"),
    [("Idmeta-Signature", ""), ("X-Webhook-Signature", "sha256="), ("x-idmeta-signature", "")],
)
def test_forms_of_a_signature(post, secret, header, prefix):
    assert post(BODY, secret, header=header, prefix=prefix).status_code == 202
    assert InboundWebhook.objects.get().is_signed is True


@pytest.mark.parametrize(("secret", "header"), [("guess", "Idmeta-Signature"), (SECRET, "X-Other")])
def test_forged(post, caplog, secret, header):
    answer = post(BODY, secret, header=header)
    unsigned = post(BODY, None)

    assert (answer.status_code, unsigned.status_code) == (401, 401)
    assert answer.json()["code"] == "webhook_forged"
    assert not InboundWebhook.objects.exists()
    assert not OrmQ.objects.exists()
    assert InboundAddress.objects.get().last_forged_at is not None
    logged = [record.msg for record in caplog.records if record.name == "webhooks.inbound"]
    assert [entry["event"] for entry in logged] == ["inbound_webhook_forged"] * 2
    assert "ERIKSSON" not in str(logged)
    assert "vendor-1" not in str(logged)


def test_a_dropped_secret_counts_no_more(post, account):
    assert post(BODY, OLD_SECRET).status_code == 202
    account.credentials = {**account.credentials, "webhook_secret_previous": ""}
    account.save()
    assert post(complete("vendor-2"), OLD_SECRET).status_code == 401


def test_without_a_secret_a_notice_is_unsigned(tenant_with, post, account):
    account.credentials = {"api_token": account.credentials["api_token"]}
    account.save()

    assert post(BODY, None).status_code == 202
    assert InboundWebhook.objects.get().is_signed is False


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        {"type": "trustValidation.complete", "data": {}},
        complete("x" * 256),
        complete("nul\x00"),
        {**complete("v"), "type": "t" * 101},
    ],
)
def test_malformed(post, body):
    answer = post(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_malformed")
    assert not InboundWebhook.objects.exists()


def test_as_large_as_allowed_and_larger(post, settings):
    settings.INBOUND_WEBHOOK_MAX_BYTES = 1000
    exact = json.dumps(BODY).encode().ljust(1000)

    assert post(exact).status_code == 202
    answer = post(exact + b" ")

    assert (answer.status_code, answer.json()["code"]) == (413, "webhook_too_large")
    assert InboundWebhook.objects.count() == 1


def test_no_such_address(post, path, account):
    slug, token = path.split("/")[2:]
    other = secret_hash("x")[:43]
    for wrong in (
        f"/hooks/{slug}/{other}",
        f"/hooks/{slug}/short",
        f"/hooks/{slug}/{token}x",
        f"/hooks/regula/{token}",
        f"/hooks/nobody/{token}",
        f"/hooks/{slug}/",
        f"/hooks/{slug}/{token}/",
        "/hooks/",
    ):
        answer = post(BODY, to=wrong)
        assert (answer.status_code, answer.json()["success"]) == (404, False), wrong
    assert not InboundWebhook.objects.exists()


def test_only_posts(client, path):
    assert client.get(path).status_code == 405
    assert client.put(path, b"{}").status_code == 405


def test_the_same_bytes_are_one_row(post):
    answers = [post(BODY) for _ in range(3)] + [post(BODY, OLD_SECRET)]

    assert [answer.status_code for answer in answers] == [202] * 4
    assert InboundWebhook.objects.get().times_received == 4


def test_too_many(post, settings):
    settings.INBOUND_WEBHOOKS_PER_SECOND = 0.2

    statuses = [post(complete(f"v{n}")).status_code for n in range(2)]
    answer = post(complete("v3"), "guess")

    assert statuses == [202, 202]
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_webhooks")
    assert answer.json()["retryable"] is True


def test_a_cache_that_is_down_refuses_nobody(post, monkeypatch):
    def down(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("webhooks.inbound.allowance.cache.add", down)
    assert post(BODY).status_code == 202


def test_credentials_that_cannot_be_read_lose_nothing(post, monkeypatch):
    """The provider hears of it and sends the notice again."""

    def broken(account):
        raise SealBroken

    monkeypatch.setattr("webhooks.inbound.receiving.webhook_secrets", broken)
    assert post(BODY).status_code == 500
    assert not InboundWebhook.objects.exists()


def test_tokens_reach_no_log(post, path, caplog, monkeypatch):
    token = path.rpartition("/")[2]
    caplog.set_level(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(logging.getLogger().handlers[0].formatter)

    def broken(account):
        raise RuntimeError

    post(BODY)
    post(BODY, to=f"{path}/more")
    monkeypatch.setattr("webhooks.inbound.receiving.webhook_secrets", broken)
    assert post(complete("vendor-2")).status_code == 500

    assert caplog.text.count("/hooks/idmeta/***") == 4
    assert token not in caplog.text


class TestAddresses:
    def test_one_for_each_account(self, account):
        address = addresses.address_of(account)

        assert addresses.address_of(account) == address
        assert addresses.find("idmeta", address.token) == address
        assert address.token not in str(InboundAddress.objects.values().get())

    def test_a_new_one_leaves_the_old_one_for_a_day(self, post, account, path):
        new = addresses.path_of(addresses.rotate(account))

        assert new != path
        assert post(BODY, to=path).status_code == post(BODY, to=new).status_code == 202
        with time_machine.travel(now() + timedelta(hours=24, seconds=1)):
            assert post(BODY, to=path).status_code == 404
            assert post(BODY, to=new).status_code == 202
            addresses.forget_expired()
        assert InboundAddress.objects.count() == 1

    def test_a_changed_secret_keeps_it(self, tenant_with, account, path, post):
        adapter_for(account)
        tenant_with(webhook_secret="newest", webhook_secret_previous=SECRET)

        assert ProviderAccount.objects.count() == 1
        assert addresses.path_of(addresses.address_of(account)) == path
        assert post(BODY, "newest").status_code == 202
        assert post(complete("v2"), SECRET).status_code == 202
        assert post(complete("v3"), OLD_SECRET).status_code == 401
