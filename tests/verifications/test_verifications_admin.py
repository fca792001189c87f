"""The admin shows how verifications went, and no personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils.timezone import now

from tests.verifications_support import RUNS_WORKFLOW
from verifications import workflow
from verifications.models import Session, Status, Verification

pytestmark = pytest.mark.django_db

LIST = "/admin/verifications/verification/"
# On the specimen passport, and in the request.
PERSONAL = ("ERIKSSON", "ANNA MARIA", "L898902C3", "1974-08-12", "secret-note")


@pytest.fixture
def finished(regula_tenant, stored):
    verification = stored(regula_tenant, metadata={"note": "secret-note"})
    workflow.run(verification.session.pk)
    verification.refresh_from_db()
    assert verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"
    return verification


def page(client, path=""):
    answer = client.get(LIST + path)
    assert answer.status_code == 200
    return answer.content.decode()


def operator(client, *permissions):
    user = User.objects.create_user("operator", password="x", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@RUNS_WORKFLOW
def test_one_verification(admin_client, finished):
    shown = page(admin_client, f"{finished.pk}/change/")

    assert "Document check" in shown
    assert "verification.step.completed" in shown
    assert "<td>step</td>" in shown
    assert [text for text in PERSONAL if text in shown] == []


@RUNS_WORKFLOW
def test_list(admin_client, finished):
    shown = page(admin_client)

    assert str(finished.pk) in shown
    assert [text for text in PERSONAL if text in shown] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=pending", True),
        ("status__exact=failed", False),
        ("dead=yes", False),
        ("dead=no", True),
        ("dead=nonsense", True),
        ("q={id}", True),
        ("q=%20{id}%20", True),
        ("q=vendor-1", True),
        ("q=vendor", False),
        ("q=%27", False),
    ],
)
def test_finding(admin_client, regula_tenant, stored, query, found):
    verification = stored(regula_tenant)
    Verification.objects.update(external_id="vendor-1")

    shown = page(admin_client, "?" + query.format(id=verification.pk))

    assert (f"{verification.pk}/change/" in shown) is found


def test_list_does_not_grow(admin_client, regula_tenant, stored, django_assert_max_num_queries):
    for _ in range(5):
        stored(regula_tenant)

    # login 2, filters 2, count and rows, and what the page itself needs
    with django_assert_max_num_queries(8):
        page(admin_client)


def test_nothing_can_be_changed(admin_client, regula_tenant, stored):
    verification = stored(regula_tenant)

    for path in ("add/", f"{verification.pk}/delete/"):
        assert admin_client.get(LIST + path).status_code == 403
    admin_client.post(f"{LIST}{verification.pk}/change/", {"status": "completed"})
    assert Verification.objects.get().status == Status.PENDING


@pytest.fixture
def dead(regula_tenant, stored):
    verification = stored(regula_tenant)
    moment = now() - timedelta(minutes=1)
    Session.objects.update(status="failed", dead_at=moment, failed_at=moment)
    error = {"code": "provider_failed", "message": "", "retryable": True, "suggestedAction": ""}
    Verification.objects.update(status="failed", error=error, completed_at=moment)
    return verification


def run_again(client, *verifications):
    chosen = [str(verification.pk) for verification in verifications]
    return client.post(LIST, {"action": "run_again", "_selected_action": chosen}, follow=True)


def test_run_again(admin_client, dead):
    answer = run_again(admin_client, dead)

    assert f"{dead} runs again" in answer.content.decode()
    assert Verification.objects.get().status == Status.IN_PROGRESS
    assert LogEntry.objects.get().object_id == str(dead.pk)


def test_run_again_what_is_no_dead_letter(admin_client, regula_tenant, stored):
    verification = stored(regula_tenant)

    answer = run_again(admin_client, verification)

    assert f"{verification} is no dead letter" in answer.content.decode()
    assert Verification.objects.get().status == Status.PENDING
    assert not LogEntry.objects.exists()


def test_run_again_needs_a_permission(client, dead):
    run_again(operator(client, "view_verification"), dead)
    assert Verification.objects.get().status == Status.FAILED

    client.logout()
    User.objects.all().delete()
    run_again(operator(client, "view_verification", "change_verification"), dead)
    assert Verification.objects.get().status == Status.IN_PROGRESS
