"""Providers and accounts in the admin: credentials go in and never come out."""

from __future__ import annotations

import json

import pytest

from providers.models import Provider, ProviderAccount
from providers.services import adapter_for
from tests.conftest import idmeta_tenant_of

pytestmark = pytest.mark.django_db

ACCOUNTS = "/admin/providers/provideraccount/"
PROVIDERS = "/admin/providers/provider/"
SECRET = "4|InventedTokenThatNobodyMaySee"
OTHER = "5|AnotherInventedToken"


@pytest.fixture
def account(sandbox):
    tenant = idmeta_tenant_of(sandbox)
    account = tenant.provider_configs.get().provider_account
    account.credentials = {"api_token": SECRET}
    account.save()
    return account


@pytest.fixture
def post(admin_client):
    """Send the form; the answer's text, which never holds what was typed as a secret."""

    def send(path, config, credentials="", **more):
        body = {"config": json.dumps(config), "credentials": credentials, **more}
        answer = admin_client.post(path, body, follow=True)
        shown = answer.content.decode()
        assert SECRET not in shown
        assert OTHER not in shown
        return shown

    return send


def change_url(account):
    return f"{ACCOUNTS}{account.pk}/change/"


def test_no_page_shows_credentials(admin_client, account):
    for page in (ACCOUNTS, change_url(account), f"{ACCOUNTS}{account.pk}/history/"):
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()
        assert account.fingerprint not in answer.content.decode()


def test_the_names_of_those_that_are_set(admin_client, account):
    shown = admin_client.get(change_url(account)).content.decode()
    assert "api_token" in shown


def test_add(post, sandbox):
    shown = post(
        f"{ACCOUNTS}add/",
        {"base_url": sandbox.idmeta["base_url"]},
        f"api_token={OTHER}\n",
        provider_slug="idmeta",
    )

    assert "was added successfully" in shown
    account = ProviderAccount.objects.get()
    assert account.provider.slug == "idmeta"
    assert account.credentials == {"api_token": OTHER}
    assert OTHER not in str(account.__dict__)


def test_new_credentials(post, account):
    before = account.fingerprint
    adapter = adapter_for(account)

    shown = post(change_url(account), account.config, f"api_token={OTHER}")

    assert "was changed successfully" in shown
    account.refresh_from_db()
    assert account.credentials == {"api_token": OTHER}
    assert account.fingerprint != before
    assert adapter_for(account) is not adapter


def test_empty_keeps_them(post, account):
    post(change_url(account), {"base_url": "https://kyc.example.com/api"})

    account.refresh_from_db()
    assert account.config == {"base_url": "https://kyc.example.com/api"}
    assert account.credentials == {"api_token": SECRET}


@pytest.mark.parametrize(
    ("config", "credentials", "words"),
    [
        ({"base_url": "ftp://x"}, f"api_token={OTHER}", "base_url must be an http"),
        ({}, f"api_token={OTHER}", "base_url is missing"),
        ({"base_url": "https://x.example"}, f"token={OTHER}", "token is not a setting here"),
        ({"base_url": "https://x.example"}, OTHER, "KEY=VALUE"),
        ({"base_url": "https://x.example"}, "api_token=", "api_token is missing"),
        ({"default_template_id": "1"}, "", "default_template_id is not a setting here"),
        (["base_url"], "", "A JSON object is needed"),
    ],
)
def test_refused(post, account, config, credentials, words):
    shown = post(change_url(account), config, credentials)

    assert words in shown
    after = ProviderAccount.objects.get()
    assert after.credentials == {"api_token": SECRET}
    assert (after.config, after.fingerprint) == (account.config, account.fingerprint)


def test_settings_of_another_account(post, account, sandbox):
    post(change_url(account), account.config, f"api_token={OTHER}")
    shown = post(f"{ACCOUNTS}add/", account.config, f"api_token={OTHER}", provider_slug="idmeta")

    assert "Another account of the provider has the same settings" in shown
    assert ProviderAccount.objects.count() == 1


def test_keys_that_are_lost(admin_client, post, account, settings):
    settings.FIELD_ENCRYPTION_KEYS = [b"another key that is 32 bytes lon"]

    assert "cannot be decrypted" in admin_client.get(change_url(account)).content.decode()
    assert "cannot be decrypted" in post(change_url(account), account.config)
    assert "changed successfully" in post(change_url(account), account.config, f"api_token={OTHER}")


def test_nothing_is_deleted(admin_client, account):
    assert admin_client.get(f"{ACCOUNTS}{account.pk}/delete/").status_code == 403
    assert admin_client.get(f"{PROVIDERS}{account.provider.pk}/delete/").status_code == 403


def test_a_provider_is_switched_off_and_nothing_else(admin_client, account):
    provider = account.provider
    body = {"slug": "other", "name": "Other"}
    admin_client.post(f"{PROVIDERS}{provider.pk}/change/", body)

    after = Provider.objects.get()
    assert (after.slug, after.name, after.is_active) == ("idmeta", provider.name, False)
    assert admin_client.get(f"{PROVIDERS}add/").status_code == 403
