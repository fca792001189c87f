"""API keys, and the commands that make tenants."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from rest_framework.test import APIClient

from providers.models import Provider, ProviderAccount
from tenants.models import Mode, Tenant, TenantApiKey, TenantProviderConfig
from tenants.services import issue_key, revoke_keys

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Bank")


def status(plain, **headers):
    headers = headers or {"X-API-Key": plain}
    return APIClient().get(URL, headers=headers).status_code


def test_key_is_64_hex_and_stored_as_its_hash(tenant):
    issued = issue_key(tenant=tenant, name="k")

    assert issued.plain.startswith("kya_")
    assert len(bytes.fromhex(issued.plain[4:])) == 32
    assert issued.key.key_hash == hashlib.sha256(issued.plain.encode()).hexdigest()
    assert issued.key.masked == f"kya_****{issued.plain[-4:]}"
    assert issued.plain not in repr(issued)


def test_both_headers_and_never_the_address(tenant):
    plain = issue_key(tenant=tenant, name="k").plain

    assert status(plain) == 200
    assert status(plain, Authorization=f"Bearer {plain}") == 200
    assert APIClient().get(URL, {"api_key": plain}).status_code == 401


def test_expired_key(tenant):
    plain = issue_key(tenant=tenant, name="k", expires_at=now() - timedelta(seconds=1)).plain

    assert status(plain) == 401


def test_revoked_key(tenant):
    plain = issue_key(tenant=tenant, name="k").plain
    other = issue_key(tenant=tenant, name="other").plain

    assert revoke_keys(tenant=tenant, name="k") == 1

    assert (status(plain), status(other)) == (401, 200)


@pytest.mark.parametrize("state", ["inactive", "suspended", "pending"])
def test_tenant_that_is_not_active(tenant, state):
    plain = issue_key(tenant=tenant, name="k").plain
    Tenant.objects.update(status=state)

    assert status(plain) == 401


def test_last_use_is_written_once_a_minute(tenant):
    plain = issue_key(tenant=tenant, name="k").plain
    status(plain)
    first = TenantApiKey.objects.get().last_used_at
    status(plain)
    assert TenantApiKey.objects.get().last_used_at == first

    TenantApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    status(plain)

    assert TenantApiKey.objects.get().last_used_at >= first


def create_tenant(*arguments):
    out = io.StringIO()
    call_command("create_tenant", *arguments, stdout=out)
    return out.getvalue()


REGULA = ("--provider", "regula", "--config", "docreader_url=http://10.0.0.1:8080")


def test_create_tenant_as_json():
    printed = create_tenant("Bank", *REGULA, "--email", "kyc@example.com", "--json")

    assert printed.count("\n") == 1
    answer = json.loads(printed)
    tenant = Tenant.objects.get()
    assert list(answer) == ["tenantId", "apiKey", "webhookSecret"]
    assert answer["webhookSecret"] == tenant.webhook_secrets[0]["secret"]
    assert answer["tenantId"] == str(tenant.pk)
    assert tenant.email == "kyc@example.com"
    assert status(answer["apiKey"]) == 200
    assert TenantApiKey.objects.get().mode == Mode.LIVE


def test_the_webhook_secret_is_shown_once():
    first = json.loads(create_tenant("Bank", *REGULA, "--json"))["webhookSecret"]

    assert json.loads(create_tenant("Bank", *REGULA, "--json"))["webhookSecret"] is None
    assert "whsec_" not in create_tenant("Bank", *REGULA)
    assert Tenant.objects.get().webhook_secrets[0]["secret"] == first
    assert "whsec_" in create_tenant("Another bank", *REGULA)


def test_test_key():
    create_tenant("Bank", *REGULA, "--test")

    assert TenantApiKey.objects.get().mode == Mode.TEST


def test_same_name_updates(tenant):
    create_tenant("Bank", *REGULA, "--config", "accept_specimens=true")
    create_tenant("Bank", *REGULA, "--config", "accept_specimens=false")

    assert Tenant.objects.get() == tenant
    assert ProviderAccount.objects.count() == 1
    assert TenantProviderConfig.objects.get().config == {"accept_specimens": False}
    assert tenant.api_keys.count() == 2


def test_newly_named_provider_works_from_now_on(tenant):
    create_tenant("Bank", *REGULA)
    create_tenant(
        "Bank",
        "--provider=idmeta",
        "--config=base_url=http://10.0.0.1/api",
        "--credential=api_token=1|x=y",
    )

    priorities = dict(tenant.provider_configs.values_list("provider__slug", "priority"))
    assert priorities == {"regula": 10, "idmeta": 1}
    account = ProviderAccount.objects.get(provider__slug="idmeta")
    assert account.credentials == {"api_token": "1|x=y"}
    assert b"x=y" not in bytes(account.sealed_credentials)


def test_tenants_with_the_same_credentials_share_an_account():
    create_tenant("Bank", *REGULA)
    create_tenant("Wallet", *REGULA)

    assert ProviderAccount.objects.count() == 1


def test_environment_stands_in_for_idmeta(settings):
    settings.PROVIDER_API_URL = "https://idmeta.example/api"
    settings.PROVIDER_API_KEY = "1|fromenvironment"

    create_tenant("Wallet", "--provider", "idmeta")

    account = ProviderAccount.objects.get()
    assert account.config["base_url"] == "https://idmeta.example/api"
    assert account.credentials["api_token"] == "1|fromenvironment"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--provider", "acme"), "known are: idmeta, regula"),
        (("--provider", "regula"), "docreader_url is missing"),
        ((*REGULA, "--config", "colour=red"), "colour is not a setting"),
        ((*REGULA, "--config", "face_threshold"), "needs the form KEY=VALUE"),
        ((*REGULA, "--config", "face_url=ftp://x"), "face_url must be an http"),
        ((*REGULA, "--config", "accept_specimens=perhaps"), "must be true or false"),
    ],
)
def test_wrong_input_leaves_nothing(arguments, message):
    with pytest.raises(CommandError, match=message):
        create_tenant("Bank", *arguments)

    assert not Tenant.objects.exists()
    assert not ProviderAccount.objects.exists()


@pytest.mark.parametrize(
    ("name", "email", "message"),
    [
        ("", "kyc@example.com", "name: This field cannot be blank"),
        ("   ", "kyc@example.com", "name: This field cannot be blank"),
        ("B" * 201, "kyc@example.com", "name: Ensure this value has at most 200 characters"),
        ("Bank", "kyc.example.com", "email: Enter a valid email address"),
        ("Bank", f"{'k' * 60}@{'e.' * 100}com", "email: Ensure this value has at most 254"),
        ("", "kyc", "name: .*; email: "),
    ],
)
def test_name_or_email_no_tenant_can_have(name, email, message):
    with pytest.raises(CommandError, match=message):
        create_tenant(name, *REGULA, "--email", email)

    assert not Tenant.objects.exists()
    assert not ProviderAccount.objects.exists()


def test_longest_name():
    create_tenant("B" * 200, *REGULA)

    assert Tenant.objects.get().name == "B" * 200


def test_email_of_another_tenant():
    Tenant.objects.create(name="Wallet", email="kyc@example.com")

    with pytest.raises(CommandError, match="A tenant with this email already exists"):
        create_tenant("Bank", *REGULA, "--email", "kyc@example.com")

    assert Tenant.objects.get().name == "Wallet"
    assert not TenantApiKey.objects.exists()


def test_seed_demo_can_be_run_again():
    def seed():
        out = io.StringIO()
        call_command("seed_demo", "--json", stdout=out)
        return json.loads(out.getvalue())

    first, second = seed(), seed()

    assert Tenant.objects.count() == Provider.objects.count() == 2
    assert [status(first[name]) for name in ("regula", "idmeta")] == [401, 401]
    assert [status(second[name]) for name in ("regula", "idmeta")] == [200, 200]
