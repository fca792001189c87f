"""Settings, health, and what holds for the whole adapter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from providers.account_settings import AccountSettings, SettingError, split_settings
from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.adapters.idmeta.client import STEPS
from providers.adapters.idmeta.config import SETTINGS, AccountConfig, TenantOptions
from providers.adapters.idmeta.plans import PLANS
from providers.base import (
    FinalizesSession,
    OffersTemplates,
    ReconcilesSteps,
    RunsSteps,
    SendsWebhooks,
    VerifiesById,
)
from providers.http import HttpLimits
from providers.types import ProcessingMode, Reason, StepInput
from tests.providers.adapters.idmeta.support import BASE, PAYLOADS, TOKEN, connect, run

TEMPLATES = "/company/get-templates"


def test_what_it_is():
    assert IdmetaAdapter.slug == "idmeta"
    assert IdmetaAdapter.display_name == "IDMeta"
    assert IdmetaAdapter.processing_mode is ProcessingMode.MULTI_STEP
    assert (IdmetaAdapter.resend_is_safe, IdmetaAdapter.opens_remotely) == (False, True)
    roles = (
        RunsSteps,
        ReconcilesSteps,
        FinalizesSession,
        OffersTemplates,
        VerifiesById,
        SendsWebhooks,
    )
    assert all(issubclass(IdmetaAdapter, role) for role in roles)


def test_every_plan_has_an_address():
    assert set(PLANS) == set(STEPS)


def test_the_token_travels_unchanged_and_never_shows(adapter, vendor, caplog):
    vendor.answers("/v1/verification/aml", "aml.v1.clear")
    with caplog.at_level("DEBUG"):
        run(adapter, "aml", given=StepInput(subject={"fullName": "TALA UNA"}))
    headers = vendor.mock.calls[0].request.headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Accept"] == "application/json"
    account = AccountConfig.read(AccountSettings({"base_url": BASE}, {"api_token": TOKEN}))
    assert TOKEN not in repr(account) + repr(vars(adapter)) + caplog.text


@pytest.mark.parametrize(
    ("config", "credentials", "named"),
    [
        ({}, {"api_token": TOKEN}, "base_url"),
        ({"base_url": "ftp://x"}, {"api_token": TOKEN}, "base_url"),
        ({"base_url": BASE}, {}, "api_token"),
        ({"base_url": BASE, "liveness_version": "v2"}, {"api_token": TOKEN}, "liveness_version"),
        ({"base_url": BASE, "liveness_threshold": "85"}, {"api_token": TOKEN}, "threshold"),
        ({"base_url": BASE, "liveness_threshold": "high"}, {"api_token": TOKEN}, "threshold"),
        ({"base_url": BASE, "api_token": TOKEN}, {"api_token": TOKEN}, "api_token"),
    ],
)
def test_wrong_settings(config, credentials, named):
    with pytest.raises(SettingError, match=named):
        split_settings(SETTINGS, config, credentials)


@pytest.mark.parametrize(
    "account",
    [
        AccountSettings({}, {"api_token": TOKEN}),
        AccountSettings({"base_url": BASE}, {}),
        AccountSettings({"base_url": BASE}, {"api_token": "1|a\nb"}),
    ],
)
def test_connect_refuses_an_account_it_cannot_use(account):
    with pytest.raises(SettingError) as caught:
        IdmetaAdapter.connect(account, HttpLimits())
    assert "1|a" not in str(caught.value)


def test_defaults_and_a_trailing_slash():
    account = AccountConfig.read(AccountSettings({"base_url": BASE + "/"}, {"api_token": TOKEN}))
    assert account == AccountConfig(
        base_url=BASE,
        api_token=TOKEN,
        company_id="",
        prefers_v3_liveness=True,
        uses_v3_enrolment=False,
        sends_files=True,
        signature_headers=("Idmeta-Signature", "X-Idmeta-Signature", "X-Webhook-Signature"),
    )


def test_tenant_options_come_through_the_split():
    config = {
        "base_url": BASE,
        "liveness_threshold": "0.9",
        "aml_datasets": "pep,san",
        "aml_countries": "PH",
        "aml_threshold": "75",
        "dukcapil_date_format": "DD-MM-YYYY",
    }
    split = split_settings(SETTINGS, config, {"api_token": TOKEN})
    assert TenantOptions.read(split.tenant) == TenantOptions(
        liveness_threshold=0.9,
        aml_datasets=("PEP", "SAN"),
        aml_countries=("PH",),
        aml_threshold=75.0,
        puts_day_first=True,
    )


def test_healthy(adapter, vendor):
    vendor.answers(f"{TEMPLATES}?page=1&per_page=1", {"templates": []}, method="GET")
    health = adapter.health()
    assert (health.is_healthy, health.detail) == (True, "IDMeta answers")
    assert health.latency_ms is not None
    assert adapter.check_credentials().detail == "IDMeta accepts the API token"
    assert vendor.paths == [f"{TEMPLATES}?page=1&per_page=1"] * 2


@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        ("error.401.unauthenticated", 401, "provider_credentials"),
        ("error.403.forbidden", 403, "provider_credentials"),
        ("error.500.server", 500, "provider_failed"),
        ("error.404.verification-not-found", 404, "provider_request_refused"),
    ],
)
def test_unhealthy(adapter, vendor, payload, status, code):
    vendor.answers(TEMPLATES, payload, method="GET", status=status)
    for health in (adapter.health(), adapter.check_credentials()):
        assert (health.is_healthy, health.facts) == (False, {"code": code})


def test_unreachable(adapter, vendor):
    vendor.mock.get(BASE + TEMPLATES, body=requests.ConnectTimeout())
    assert adapter.health().facts == {"code": "provider_unreachable"}


def test_settings_are_not_shared_between_adapters():
    assert connect(liveness_version="v1")._account != connect()._account


def test_reason_codes_are_stable_words():
    single = [value for value in vars(reasons).values() if isinstance(value, Reason)]
    tables = (reasons.FACE_QUALITY, reasons.IMAGE_QUALITY, reasons.FAILED_CHECKS)
    every = [*single, *(reason for table in tables for reason in table.values())]
    codes = [reason.code for reason in every]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_recorded_answer_is_used_by_a_test():
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    paged = {"get-templates.page1", "get-templates.page2"}
    unused = {
        path.stem
        for path in PAYLOADS.glob("*.json")
        if f'"{path.stem}"' not in tests and path.stem not in paged
    }
    assert unused == set()
