"""Sending again by command and in the admin; secrets are shown nowhere there."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now

from common import signing_secrets
from tests.webhooks.conftest import happen, tenant_named
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.outbound.endpoints import change_endpoint, create_endpoint, disable

pytestmark = pytest.mark.django_db


def redeliver(*arguments):
    out = io.StringIO()
    call_command("redeliver", *arguments, stdout=out)
    return int(out.getvalue().split()[0])


@pytest.fixture
def history(tenant, endpoint, receiver, verification_of, deliver, settings):
    """Yesterday one delivered; today one delivered, one dead, one waiting."""
    settings.WEBHOOK_RETRY_AFTER = []
    verification = verification_of(tenant)
    with time_machine.travel(now() - timedelta(days=1, hours=1), tick=False):
        yesterday = happen(verification)
        deliver()
    delivered = happen(verification)
    deliver()
    receiver.always(500)
    dead = happen(verification)
    deliver()
    receiver.always(200)
    waiting = happen(verification)
    receiver.got.clear()
    return {
        "yesterday": str(yesterday.pk),
        "delivered": str(delivered.pk),
        "dead": str(dead.pk),
        "waiting": str(waiting.pk),
    }


@pytest.mark.parametrize(
    ("arguments", "again"),
    [
        (["--since", "24h"], {"delivered", "dead"}),
        (["--since", "3d"], {"yesterday", "delivered", "dead"}),
        (["--since", "3d", "--dead"], {"dead"}),
        (["--since", "0m"], set()),
        (["--since", "2026-01-01"], {"yesterday", "delivered", "dead"}),
        (["--since", "2026-01-01T00:00:00+08:00"], {"yesterday", "delivered", "dead"}),
        (["--since", "2999-01-01T00:00:00Z"], set()),
    ],
)
def test_command(history, endpoint, receiver, deliver, arguments, again):
    assert redeliver(*arguments, "--endpoint", str(endpoint.pk)) == len(again)

    deliver()
    assert sorted(one.id for one in receiver.got) == sorted(
        history[name] for name in again | {"waiting"}
    )


def test_command_for_a_tenant(tenant, endpoint, receiver, verification_of, deliver):
    """webhookUrl too, and nobody else's; a deleted or disabled endpoint's are left out."""
    gone = create_endpoint(tenant=tenant, url=f"{receiver.url}/gone")
    off = create_endpoint(tenant=tenant, url=f"{receiver.url}/off")
    happen(verification_of(tenant, webhook_url=f"{receiver.url}/own"))
    other = tenant_named("Another bank")
    happen(verification_of(other, webhook_url=f"{receiver.url}/other"))
    deliver()
    gone.delete()
    disable(endpoint=off, reason="off")
    change_endpoint(endpoint=endpoint, url=f"{receiver.url}/moved")
    receiver.got.clear()

    assert redeliver("--since", "1h", "--tenant", "Bank") == 2

    deliver()
    assert sorted(one.path for one in receiver.got) == ["/hook/moved", "/hook/own"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "1h", "--endpoint", "17"], "There is no endpoint 17"),
        (["--since", "1h", "--endpoint", str(uuid.uuid4())], "There is no endpoint"),
        (["--since", "1h", "--tenant", "Nobody"], "There is no tenant 'Nobody'"),
        (["--since", "soon", "--tenant", "Bank"], "neither a time"),
        (["--since", "1h"], "one of the arguments"),
    ],
)
def test_command_refuses(tenant, arguments, message):
    with pytest.raises(CommandError, match=message):
        redeliver(*arguments)


def test_command_refuses_a_disabled_endpoint(endpoint):
    disable(endpoint=endpoint, reason="Every attempt has failed")

    with pytest.raises(CommandError, match=r"disabled \(Every attempt has failed\)"):
        redeliver("--since", "1h", "--endpoint", str(endpoint.pk))


def act(client, model, action, *rows):
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(f"/admin/webhooks/{model}/", data, follow=True).content.decode()


def test_admin_sends_again(admin_client, history, endpoint, receiver, deliver):
    dead = WebhookDelivery.objects.get(message_id=history["dead"])

    assert "1 are sent again" in act(admin_client, "webhookdelivery", "send_again", dead)

    deliver()
    assert history["dead"] in receiver.accepted


def test_admin_says_what_it_cannot_send(admin_client, history, endpoint):
    disable(endpoint=endpoint, reason="off")
    dead = WebhookDelivery.objects.get(message_id=history["dead"])

    assert "endpoint_disabled" in act(admin_client, "webhookdelivery", "send_again", dead)
    dead.refresh_from_db()
    assert dead.status == "dead"


def test_admin_disables_and_enables(admin_client, endpoint):
    act(admin_client, "webhookendpoint", "disable", endpoint)
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "Disabled by the operator"

    act(admin_client, "webhookendpoint", "enable", endpoint)
    endpoint.refresh_from_db()
    assert endpoint.is_enabled


def test_admin_shows_attempts_and_no_secret(
    admin_client, tenant, endpoint, receiver, verification_of, deliver
):
    receiver.always(500, b"no such table")
    happen(verification_of(tenant))
    deliver()
    delivery = WebhookDelivery.objects.get()
    base = "/admin/webhooks"
    pages = [
        admin_client.get(f"{base}/{path}")
        for path in (
            "webhookendpoint/",
            f"webhookendpoint/{endpoint.pk}/change/",
            "webhookdelivery/",
            f"webhookdelivery/{delivery.pk}/change/",
        )
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert "no such table" in pages[3].content.decode()
    secret = signing_secrets.newest(endpoint.secrets)
    assert not [page for page in pages if secret in page.content.decode()]
    assert not [page for page in pages if "sealed" in page.content.decode()]


def test_staff_without_the_permission_may_only_look(endpoint, db):
    user = get_user_model().objects.create_user("eve", "eve@example.com", "p", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_webhookendpoint"))
    client = Client()
    client.login(username="eve", password="p")

    act(client, "webhookendpoint", "disable", endpoint)

    assert WebhookEndpoint.objects.get().is_enabled
