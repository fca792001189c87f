"""`sync_templates`, `list_templates`, `list_plans`: what they print, and their exit codes."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from providers.sandbox.idmeta.accounts import DEMO, PLANS, SECOND
from templates_sync.models import ProviderTemplate, TemplateSync
from tests.processes import database_url

pytestmark = pytest.mark.django_db


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def columns(table):
    """The cells of each line, which two spaces or more part."""
    return [[cell for cell in line.split("  ") if cell.strip()] for line in table.splitlines()]


class TestSync:
    def test_table(self, account):
        header, templates, plans = columns(run("sync_templates"))

        assert [cell.strip() for cell in header] == [
            "account",
            "what",
            "added",
            "changed",
            "withdrawn",
            "unchanged",
            "seconds",
            "error",
        ]
        added = [cell.strip() for cell in templates[:3]]
        assert added == [f"idmeta {account.pk}", "templates", str(len(DEMO.templates))]
        assert [cell.strip() for cell in plans[1:6]] == ["plans", str(len(PLANS)), "0", "0", "0"]
        assert ProviderTemplate.objects.count() == len(DEMO.templates)

    def test_json(self, account):
        (entry,) = json.loads(run("sync_templates", "--json"))

        seconds = entry.pop("seconds")
        assert 0 <= seconds < 60
        assert entry == {
            "provider": "idmeta",
            "account": str(account.pk),
            "templates": {"added": 17, "changed": 0, "withdrawn": 0, "unchanged": 0},
            "plans": {"added": len(PLANS), "changed": 0, "withdrawn": 0, "unchanged": 0},
            "error": None,
        }

    def test_dry_run(self, account):
        printed = run("sync_templates", "--dry-run")

        assert printed.endswith("Dry run: nothing was written\n")
        assert "templates  17" in printed
        assert not ProviderTemplate.objects.exists()
        assert not TemplateSync.objects.exists()

    def test_a_failure_of_one_account(self, account, second_tenant, sandbox):
        sandbox.fault("/company/get-templates", "401")
        out = io.StringIO()

        with pytest.raises(CommandError, match="1 of 2 accounts failed") as failure:
            call_command("sync_templates", "--json", stdout=out)

        assert failure.value.returncode == 1
        failed, good = json.loads(out.getvalue())
        assert failed["error"]["code"] == "provider_credentials"
        assert good["templates"]["added"] == len(SECOND.templates)
        sandbox.fault("/company/get-templates", "401")
        with pytest.raises(CommandError):
            call_command("sync_templates", stdout=out)
        assert failed["error"]["message"] in out.getvalue().splitlines()[-3]

    @pytest.mark.parametrize("name", [True, False])
    def test_one_tenant(self, account, second_tenant, name):
        tenant = second_tenant.name if name else str(second_tenant.pk)
        (entry,) = json.loads(run("sync_templates", "--json", "--tenant", tenant))
        assert entry["account"] == str(second_tenant.provider_configs.get().provider_account_id)

    def test_one_provider(self, account, regula_tenant):
        assert len(json.loads(run("sync_templates", "--json", "--provider", "idmeta"))) == 1
        printed = run("sync_templates", "--provider", "regula")
        assert printed == "No account of a provider with templates is in use\n"

    @pytest.mark.parametrize("tenant", ["Nobody", "00000000-0000-0000-0000-000000000000"])
    def test_unknown_tenant(self, account, tenant):
        with pytest.raises(CommandError, match="There is no tenant"):
            run("sync_templates", "--tenant", tenant)

    def test_unknown_provider(self):
        with pytest.raises(CommandError, match="invalid choice"):
            run("sync_templates", "--provider", "nobody")


class TestLists:
    def test_templates(self, synced):
        ProviderTemplate.objects.filter(external_template_id="306").update(is_active=False)
        header, first, *others = columns(run("list_templates"))

        row = ProviderTemplate.objects.get(external_template_id="306")
        assert len(others) == 16
        assert [cell.strip() for cell in header][1:4] == ["id", "name", "steps"]
        assert [cell.strip() for cell in first] == [
            "idmeta",
            "306",
            "First Philippine ID",
            "document_verification",
            "1",
            "no",
            f"{row.last_synced_at:%Y-%m-%d %H:%M}",
            str(row.pk),
        ]

    def test_templates_as_json(self, synced):
        entries = json.loads(run("list_templates", "--json"))

        row = ProviderTemplate.objects.get(external_template_id="306")
        assert [entry["externalTemplateId"] for entry in entries] == sorted(
            str(template.id) for template in DEMO.templates
        )
        assert entries[0] == {
            "provider": "idmeta",
            "account": str(synced.pk),
            "id": str(row.pk),
            "externalTemplateId": "306",
            "name": "First Philippine ID",
            "steps": row.steps,
            "version": 1,
            "isActive": True,
            "lastSyncedAt": row.last_synced_at.isoformat(),
        }

    def test_plans(self, synced):
        lines = run("list_plans").splitlines()

        (aml,) = [line for line in lines if " aml " in line]
        assert aml.split()[:5] == ["idmeta", "aml", "165", "AML", "watchlist"]
        assert "0.40" in aml
        assert len(lines) == 1 + len(PLANS)

    def test_plans_as_json(self, synced):
        entries = json.loads(run("list_plans", "--json"))
        aml = next(entry for entry in entries if entry["code"] == "aml")
        assert aml["pricing"]["amount"] == "0.40"
        assert (aml["externalPlanId"], aml["isActive"]) == ("165", True)

    @pytest.mark.parametrize("command", ["list_templates", "list_plans"])
    def test_of_one_tenant(self, synced, second_tenant, command):
        assert json.loads(run(command, "--json", "--tenant", "Other wallet")) == []


@pytest.mark.django_db(transaction=True)
def test_a_bar_on_a_terminal_and_exit_code_0(account, sandbox):
    """Only on standard error, so that standard output can be piped on."""
    sandbox.settings(templates=250)
    ours, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_templates", "--json"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
        },
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    printed, _ = process.communicate(timeout=60)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)

    assert process.returncode == 0
    assert json.loads(printed)[0]["templates"]["added"] == 250
    assert f"idmeta account {account.pk} [############" in shown
    assert "] 100/250\r" in shown
    # A line of the log that comes then takes its place.
    assert f"[{'#' * 30}] 250/250\r" in shown
    assert shown.endswith("\r\x1b[K")
