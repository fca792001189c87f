"""`manage.py provider_webhooks`, `manage.py inbound_webhooks` and the admin."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from tests.conftest import regula_tenant_of
from tests.webhooks.inbound.conftest import OLD_SECRET, SECRET, complete
from webhooks.models import InboundAddress, InboundWebhook

pytestmark = pytest.mark.django_db

LIST = "/admin/webhooks/inboundwebhook/"
BODY = complete("vendor-1", person="ERIKSSON")


def run(command, *arguments):
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=out)
    return out.getvalue()


class TestProviderWebhooks:
    @pytest.fixture(autouse=True)
    def _public(self, settings):
        settings.PUBLIC_URL = "https://kyc.example.com"

    def test_addresses_and_what_came(self, account, path, post):
        post(BODY)
        post(BODY, "guess")

        shown = run("provider_webhooks")

        assert f"https://kyc.example.com{path}" in shown
        assert "Wallet" in shown
        assert "last received" in shown
        assert "last forged" in shown
        assert SECRET not in shown
        assert OLD_SECRET not in shown
        assert "ERIKSSON" not in shown

    def test_json(self, account, path):
        [entry] = json.loads(run("provider_webhooks", "--json", "--tenant", "Wallet"))
        assert entry == {
            "provider": "idmeta",
            "accountId": str(account.pk),
            "tenants": ["Wallet"],
            "url": f"https://kyc.example.com{path}",
            "secrets": 2,
            "lastReceivedAt": None,
            "lastForgedAt": None,
            "oldAddressWorksUntil": None,
        }

    def test_without_a_secret_it_says_so(self, tenant_with):
        tenant_with()
        assert "unsigned" in run("provider_webhooks")

    def test_without_a_public_url_it_says_so(self, account, path, settings):
        settings.PUBLIC_URL = ""
        shown = run("provider_webhooks")
        assert f" {path}\n" in shown
        assert "PUBLIC_URL is not set" in shown

    @pytest.mark.parametrize(("more", "status"), [((), 202), (("--at-once",), 404)])
    def test_rotate(self, account, path, post, more, status):
        shown = run("provider_webhooks", "--rotate", str(account.pk), *more)

        assert path not in shown
        assert ("old address until" in shown) is (status == 202)
        assert post(BODY, to=path).status_code == status
        assert InboundAddress.objects.filter(expires_at=None).count() == 1

    def test_nobody_who_sends_any(self, sandbox, tenant):
        bank = regula_tenant_of(sandbox)
        for wrong in (("--tenant", bank.name), ("--provider", "regula"), ("--tenant", "Nobody")):
            with pytest.raises(CommandError):
                run("provider_webhooks", *wrong)


@pytest.fixture
def parked(post):
    post(BODY)
    row = InboundWebhook.objects.get()
    InboundWebhook.objects.update(
        status="parked", outcome="verification_unknown", attempts=6, next_attempt_at=now()
    )
    return row


class TestParked:
    def test_list(self, parked):
        shown = run("inbound_webhooks")
        assert "vendor-1" in shown
        assert "verification_unknown" in shown
        assert "ERIKSSON" not in shown
        [entry] = json.loads(run("inbound_webhooks", "--json"))
        assert (entry["id"], entry["externalId"]) == (str(parked.pk), "vendor-1")

    def test_nothing(self, db):
        assert "Nothing is parked" in run("inbound_webhooks")

    @pytest.mark.parametrize("all_", [True, False])
    def test_run_again(self, parked, all_):
        arguments = ("--all",) if all_ else ("--retry", str(parked.pk))
        assert str(parked.pk) in run("inbound_webhooks", *arguments)

        parked.refresh_from_db()
        assert (parked.status, parked.attempts, parked.outcome) == ("pending", 0, "")
        with pytest.raises(CommandError, match="Not parked"):
            run("inbound_webhooks", "--retry", str(parked.pk))


class TestAdmin:
    def test_no_personal_data_and_no_secret(self, parked, path, admin_client):
        for page in (LIST, f"{LIST}{parked.pk}/change/", f"{LIST}?q=vendor-1"):
            shown = admin_client.get(page).content.decode()
            assert "vendor-1" in shown
            assert "ERIKSSON" not in shown
            assert path.rpartition("/")[2] not in shown
        assert "No results" not in shown
        assert "vendor-1" not in admin_client.get(f"{LIST}?q=vendor").content.decode()

    def test_run_again(self, parked, admin_client):
        action = {"action": "run_again", "_selected_action": [str(parked.pk)]}
        first = admin_client.post(LIST, action, follow=True).content.decode()
        second = admin_client.post(LIST, action, follow=True).content.decode()

        assert "is processed again" in first
        assert "is not parked" in second
        parked.refresh_from_db()
        assert parked.status == "pending"
        assert parked.next_attempt_at <= now() + timedelta(seconds=1)

    def test_who_may_only_look(self, parked, client):
        user = User.objects.create_user("viewer", password="x", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_inboundwebhook"))
        client.force_login(user)

        client.post(LIST, {"action": "run_again", "_selected_action": [str(parked.pk)]})

        parked.refresh_from_db()
        assert parked.status == "parked"
