"""`manage.py provider_health`: how the accounts are."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from providers.models import ProviderAccount
from providers.sandbox.idmeta.accounts import SUSPENDED
from tenants.services import save_tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def command(capsys):
    """Run it; exit code and what it printed."""

    def run(*args):
        code = 0
        try:
            call_command("provider_health", *args)
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().out

    return run


def test_every_account_well(regula_tenant, idmeta_tenant, command):
    code, printed = command()

    assert code == 0
    heading, *rows = printed.splitlines()
    assert heading.split()[:3] == ["PROVIDER", "ACCOUNT", "REACHABLE"]
    assert [row.split()[0] for row in rows] == ["idmeta", "regula"]
    assert all(row.split()[2:4] == ["yes", "yes"] for row in rows)


def test_licence_dates_as_json(regula_tenant, idmeta_tenant, command):
    code, printed = command("--provider", "regula", "--json")

    assert code == 0
    [regula] = json.loads(printed)
    assert regula["provider"] == "regula"
    assert regula["account"] == str(ProviderAccount.objects.get(provider__slug="regula").pk)
    assert (regula["healthy"], regula["reachable"], regula["credentialsValid"]) == (True,) * 3
    assert regula["licenceValidUntil"]
    assert regula["latencyMs"] >= 0
    assert regula["facts"]["documentReader"]["version"]


def test_licence_that_has_expired(regula_tenant, sandbox, command):
    sandbox.settings(licence="expired")

    code, printed = command()

    assert code == 1
    _, row = printed.splitlines()
    assert row.split()[2:4] == ["yes", "no"]
    assert "licence missing or expired" in row


def test_refused_credentials(sandbox, command):
    save_tenant(
        name="Suspended",
        provider="idmeta",
        config=sandbox.idmeta,
        credentials={"api_token": SUSPENDED.token},
    )

    code, printed = command("--json")

    assert code == 1
    [idmeta] = json.loads(printed)
    assert (idmeta["healthy"], idmeta["reachable"], idmeta["credentialsValid"]) == (
        False,
        True,
        False,
    )
    assert SUSPENDED.token not in printed


@pytest.mark.parametrize("provider", ["regula", "idmeta"])
def test_nobody_answers(provider, regula_tenant, idmeta_tenant, sandbox, command):
    """Whether the credentials are valid is then unknown, not false."""
    sandbox.fault("/api/", "reset_before", times=20)

    code, printed = command("--provider", provider, "--json")

    assert code == 1
    [account] = json.loads(printed)
    assert (account["healthy"], account["reachable"]) == (False, False)
    assert account["credentialsValid"] is None
    assert account["detail"]


def test_credentials_that_cannot_be_read(idmeta_tenant, command):
    ProviderAccount.objects.update(sealed_credentials=b"not sealed")

    code, printed = command()

    assert code == 1
    assert "FIELD_ENCRYPTION_KEYS" in printed
    assert printed.splitlines()[1].split()[2:4] == ["no", "-"]


def test_no_account(db):
    with pytest.raises(CommandError, match="create_tenant"):
        call_command("provider_health")
