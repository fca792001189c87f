"""Provider accounts: found again by their settings, and turned into one adapter each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.sealing import SealBroken
from providers.account_settings import AccountSettings, SettingError
from providers.models import Provider, ProviderAccount
from providers.registry import UnknownProvider
from providers.services import (
    account_fingerprint,
    adapter_for,
    ensure_provider,
    forget_adapters,
    http_limits,
    save_account,
    webhook_secrets,
)

pytestmark = pytest.mark.django_db

URL = "https://idmeta.example/api"
TOKEN = "1|canary-7b1c"


def idmeta(token: str = TOKEN, **config):
    return save_account(
        slug="idmeta", config={"base_url": URL, **config}, credentials={"api_token": token}
    )


def test_same_settings_find_the_same_account():
    first, again = idmeta(), idmeta(base_url=URL + "/")

    assert first.account == again.account
    assert ProviderAccount.objects.count() == 1


def test_the_tenants_own_settings_make_no_new_account():
    first, second = idmeta(default_template_id="306"), idmeta(default_template_id="424")

    assert first.account == second.account
    assert (first.tenant_config, second.tenant_config) == (
        {"default_template_id": "306"},
        {"default_template_id": "424"},
    )


@pytest.mark.parametrize("change", [{"token": "1|other"}, {"base_url": "https://other.example"}])
def test_other_credentials_or_another_address_are_another_account(change):
    assert idmeta().account != idmeta(**change).account


def test_credentials_are_stored_sealed_and_nowhere_else():
    account = idmeta().account
    row = ProviderAccount.objects.filter(pk=account.pk).values().get()

    assert account.credentials == {"api_token": TOKEN}
    assert "canary" not in str(row)
    assert b"canary" not in bytes(row["sealed_credentials"])
    assert "canary" not in f"{account!r} {account} {idmeta()!r}"


def test_the_fingerprint_does_not_hang_on_the_order_of_settings():
    one = AccountSettings({"a": 1, "b": 2}, {"x": "1", "y": "2"})
    other = AccountSettings({"b": 2, "a": 1}, {"y": "2", "x": "1"})

    assert account_fingerprint((), one) == account_fingerprint((), other)
    swapped = AccountSettings(one.credentials, {})
    assert account_fingerprint((), one) != account_fingerprint((), swapped)


class TestWebhookSecrets:
    def test_a_new_one_changes_the_account_there_is(self):
        before = idmeta().account
        fingerprint = before.fingerprint

        credentials = {
            "api_token": TOKEN,
            "webhook_secret": "new",
            "webhook_secret_previous": "old",
        }
        config = {"base_url": URL, "webhook_signature_headers": "X-Own"}
        after = save_account(slug="idmeta", config=config, credentials=credentials).account

        assert (after.pk, after.fingerprint) == (before.pk, fingerprint)
        after.refresh_from_db()
        assert after.credentials == credentials
        assert after.config == config
        assert webhook_secrets(after) == ("new", "old")

    def test_what_is_not_given_stays(self):
        credentials = {"api_token": TOKEN, "webhook_secret": "kept"}
        save_account(slug="idmeta", config={"base_url": URL}, credentials=credentials)
        updated_at = ProviderAccount.objects.get().updated_at

        account = idmeta().account

        assert account.credentials == credentials
        assert account.updated_at == updated_at

    def test_several_and_none(self):
        account = idmeta().account
        assert webhook_secrets(account) == ()
        account.credentials = {
            "webhook_secret": " a  b ",
            "webhook_secret_previous": "c",
            "api_token": TOKEN,
        }
        assert webhook_secrets(account) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("slug", "config", "credentials", "error"),
    [
        ("acme", {}, {}, UnknownProvider),
        ("idmeta", {}, {"api_token": TOKEN}, SettingError),
        ("idmeta", {"base_url": URL}, {"api_token": "two words canary"}, SettingError),
        ("regula", {"docreader_url": "http://x/api"}, {}, SettingError),
        ("regula", {"docreader_url": "http://x", "auth": "basic"}, {}, SettingError),
    ],
)
def test_wrong_settings_store_nothing(slug, config, credentials, error):
    with pytest.raises(error) as refusal:
        save_account(slug=slug, config=config, credentials=credentials)

    assert "canary" not in str(refusal.value)
    assert not ProviderAccount.objects.exists()
    assert not Provider.objects.exists()


def test_what_an_operator_gives_goes_before_the_environment(settings):
    settings.PROVIDER_API_URL = "https://environment.example/api"
    settings.PROVIDER_API_KEY = "1|environment"
    settings.PROVIDER_COMPANY_ID = "21"

    account = idmeta().account

    assert account.config == {"base_url": URL, "company_id": "21"}
    assert account.credentials == {"api_token": TOKEN}


@pytest.mark.parametrize(
    ("slug", "facts"),
    [
        ("regula", ("Regula", "single_step", False, False)),
        ("idmeta", ("IDMeta", "multi_step", True, True)),
    ],
)
def test_a_providers_row_says_what_its_adapter_can(slug, facts):
    Provider.objects.create(slug=slug, name="old", processing_mode="async_webhook")

    provider = ensure_provider(slug)

    assert Provider.objects.get() == provider
    assert facts == (
        provider.name,
        provider.processing_mode,
        provider.supports_templates,
        provider.supports_id_verification,
    )


def test_limits_of_calls_come_from_the_settings(settings):
    settings.CONNECT_TIMEOUT, settings.STEP_TIMEOUT = 1.5, 12
    settings.BREAKER_FAILURES, settings.BREAKER_RESET = 7, 9

    limits = http_limits()

    assert (limits.connect_timeout, limits.total_timeout) == (1.5, 12)
    assert (limits.breaker_failures, limits.breaker_reset) == (7, 9)


class TestAdapters:
    def test_one_per_account_whoever_asks(self):
        account = idmeta().account

        with ThreadPoolExecutor(8) as threads:
            adapters = set(threads.map(lambda _: adapter_for(account), range(32)))

        assert len(adapters) == 1

    def test_accounts_share_none(self):
        assert adapter_for(idmeta().account) is not adapter_for(idmeta("1|other").account)

    def test_a_changed_account_gets_a_new_one(self):
        account = idmeta().account
        before = adapter_for(account)
        account.save()

        assert adapter_for(account) is not before

    def test_credentials_that_cannot_be_read_are_a_clear_error(self, settings):
        account = ProviderAccount.objects.get(pk=idmeta().account.pk)
        settings.FIELD_ENCRYPTION_KEYS = [b"k" * 32]
        forget_adapters()

        with pytest.raises(SealBroken, match="FIELD_ENCRYPTION_KEYS does not hold"):
            adapter_for(account)
