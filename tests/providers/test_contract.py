"""The same rules for every adapter in the registry."""

from __future__ import annotations

import pytest
import responses

from providers.account_settings import AccountSettings, Scope, SettingError, split_settings
from providers.base import WEBHOOK_SECRETS, KycProvider, RunsSteps, SendsWebhooks
from providers.http import HttpLimits
from providers.registry import ADAPTERS, UnknownProvider, adapter_class
from providers.types import ImageRole, ProcessingMode

SECRET = "1|verysecrettoken"
CONFIG = {
    "regula": {"docreader_url": "http://127.0.0.1:9", "face_url": "http://127.0.0.1:9"},
    "idmeta": {"base_url": "http://127.0.0.1:9/api"},
}
CREDENTIALS = {"regula": {"token": SECRET}, "idmeta": {"api_token": SECRET}}
TYPES = ("document", "biometric", "comprehensive")


@pytest.fixture(params=sorted(ADAPTERS))
def slug(request):
    return request.param


@pytest.fixture
def adapter(slug):
    split = split_settings(ADAPTERS[slug].settings, CONFIG[slug], CREDENTIALS[slug])
    return ADAPTERS[slug].connect(split.account, HttpLimits(connect_timeout=0.2))


def test_who_sends_webhooks_takes_their_secrets(adapter):
    secrets = [setting for setting in adapter.settings if setting.name in WEBHOOK_SECRETS]
    assert len(secrets) == (len(WEBHOOK_SECRETS) if isinstance(adapter, SendsWebhooks) else 0)
    assert all(s.scope is Scope.CREDENTIAL and not s.tells_apart for s in secrets)


def test_plays_its_roles(slug, adapter):
    assert isinstance(adapter, KycProvider)
    assert isinstance(adapter, RunsSteps)
    assert adapter.slug == slug
    assert adapter.display_name
    assert adapter.processing_mode in ProcessingMode


def test_settings_are_named_once_and_explained(slug):
    settings = ADAPTERS[slug].settings
    names = [setting.name for setting in settings]

    assert len(names) == len(set(names))
    assert all(setting.help for setting in settings)
    assert any(setting.is_required and setting.scope is Scope.ACCOUNT for setting in settings)


def test_missing_address_is_a_clear_error(slug):
    with pytest.raises(SettingError, match="is missing: give --config"):
        split_settings(ADAPTERS[slug].settings, {}, CREDENTIALS[slug])


def test_connecting_makes_no_call(slug, adapter):
    with responses.RequestsMock():
        split = split_settings(ADAPTERS[slug].settings, CONFIG[slug], CREDENTIALS[slug])
        ADAPTERS[slug].connect(split.account, HttpLimits())


def test_credentials_are_in_no_repr(slug, adapter):
    account = AccountSettings(CONFIG[slug], CREDENTIALS[slug])

    assert SECRET not in repr(adapter) + repr(vars(adapter)) + repr(account)


@pytest.mark.parametrize("verification_type", TYPES)
def test_missing_inputs_are_request_paths(adapter, verification_type):
    missing = adapter.missing_for_type(verification_type, frozenset())

    assert missing
    assert all(path.startswith("documentImages.") for path in missing)
    assert adapter.missing_for_type(verification_type, frozenset(ImageRole)) == ()


@pytest.mark.parametrize("ask", ["health", "check_credentials"])
def test_health_of_a_dead_vendor_is_an_answer(adapter, ask):
    health = getattr(adapter, ask)()

    assert health.is_healthy is False
    assert health.detail
    assert SECRET not in health.detail


def test_unknown_provider_names_those_there_are():
    with pytest.raises(UnknownProvider, match="known are: idmeta, regula"):
        adapter_class("acme")
