"""Accepting a verification for a worker: at once, all or nothing."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from tests.verifications_support import base64_of, blank_picture, document_request
from verifications import wake
from verifications.models import Evidence, Session, Verification, VerificationEvent

URL = "/api/v1/verifications"
NBI = {
    "verificationType": "philippines_nbi_clearance",
    "idNumber": "H000AAAA00-AA00000000",
    "templateId": "960",
    "userData": {"firstName": "Mayumi", "lastName": "Halimbawa"},
}

pytestmark = pytest.mark.django_db


def document(**more):
    return document_request(blank_picture(), **more)


def face():
    images = {"front": base64_of(blank_picture()), "selfie": base64_of(blank_picture(500, 500))}
    return {"verificationType": "biometric", "documentImages": images}


def tasks():
    return [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]


@pytest.mark.parametrize("body", [document(), face()], ids=["document", "biometric"])
def test_pictures_are_accepted(client, vendor, body):
    answer = client.post(f"{URL}/async", body, format="json")

    verification = Verification.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "id": str(verification.pk),
        "status": "pending",
        "statusUrl": f"http://testserver{URL}/{verification.pk}",
        "websocketUrl": f"ws://testserver/ws/verifications/{verification.pk}",
    }
    assert answer["Location"] == answer.json()["statusUrl"]
    assert "Preference-Applied" not in answer
    assert (verification.status, verification.processing_mode) == ("pending", "async")
    assert verification.session.next_attempt_at == verification.created_at
    assert [event.type for event in verification.events.all()] == ["verification.created"]
    assert verification.evidence.count() == len(body["documentImages"])
    assert vendor == []


def test_id_number_is_accepted(idmeta_tenant, client_of):
    answer = client_of(idmeta_tenant).post(f"{URL}/async", NBI, format="json")

    verification = Verification.objects.get()
    assert answer.status_code == 202
    assert verification.verification_type == "philippines_nbi_clearance"
    assert verification.verification_method == "id_based"
    assert verification.subject["idNumber"] == NBI["idNumber"]


def test_task_wakes_a_worker_and_holds_no_data(client):
    client.post(f"{URL}/async", document(), format="json")

    [task] = tasks()
    assert (task["func"], task["args"], task["kwargs"]) == ("verifications.tasks.work_due", (), {})
    assert Verification.objects.get().job_id == task["id"]


def test_status_url_is_where_it_is_read(client):
    accepted = client.post(f"{URL}/async", document(), format="json").json()

    body = client.get(accepted["statusUrl"]).json()

    assert (body["id"], body["status"]) == (accepted["id"], "pending")
    assert body["progress"]["percentage"] == 0


def test_addresses_are_secure_where_the_api_is(client):
    accepted = client.post(f"{URL}/async", document(), format="json", secure=True).json()

    assert accepted["statusUrl"].startswith("https://testserver/api/v1/")
    assert accepted["websocketUrl"].startswith("wss://testserver/ws/verifications/")


@pytest.mark.parametrize("field", ["webhookUrl", "callbackUrl"])
def test_webhook_address_is_kept(client, field):
    client.post(f"{URL}/async", document(**{field: "https://bank.example/hook"}), format="json")

    assert Verification.objects.get().webhook_url == "https://bank.example/hook"


@pytest.mark.parametrize(
    "prefer", ["respond-async", "Respond-Async", "wait=10, respond-async", "respond-async; a=b"]
)
def test_caller_may_prefer_it(client, vendor, prefer):
    answer = client.post(URL, document(), format="json", HTTP_PREFER=prefer)

    assert answer.status_code == 202
    assert answer["Preference-Applied"] == "respond-async"
    assert answer["Location"] == answer.json()["statusUrl"]
    assert Verification.objects.get().processing_mode == "async"
    assert vendor == []


def test_upload_may_prefer_it(client):
    picture = SimpleUploadedFile("front.jpg", blank_picture(), "image/jpeg")
    body = {"verificationType": "document", "front": picture}

    answer = client.post(f"{URL}/upload", body, HTTP_PREFER="respond-async")

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


def test_id_check_may_prefer_it(idmeta_tenant, client_of):
    client = client_of(idmeta_tenant)

    answer = client.post(f"{URL}/verify-by-id", NBI, format="json", HTTP_PREFER="respond-async")

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("prefer", ["return=minimal", "respond-asynchronously", "x=respond-async"])
def test_other_preferences_are_ignored(client, vendor, prefer):
    answer = client.post(URL, document(), format="json", HTTP_PREFER=prefer)

    assert answer.status_code == 201
    assert "Preference-Applied" not in answer
    assert len(vendor) == 1
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "validation_failed", "verificationType: This field is required."),
        ([], "validation_failed", "Invalid data. Expected a dictionary, but got list."),
        (
            document(verificationType="documnet"),
            "validation_failed",
            'verificationType: "documnet" is not a valid choice.',
        ),
        (document(surprise=1), "validation_failed", "surprise: property surprise should not exist"),
        ({"verificationType": "document"}, "input_missing", None),
        (NBI, "id_checks_not_supported", None),
    ],
)
def test_refused_requests_leave_nothing(client, body, code, message):
    answer = client.post(f"{URL}/async", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    if message:
        assert answer.json()["message"] == [message]
    assert not Verification.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("model", [OrmQ, Verification, Session, Evidence, VerificationEvent])
def test_all_or_nothing(client, model):
    """Whichever row cannot be written, none is there, nor a picture's file."""

    def refused(execute, sql, params, many, context):
        if sql.startswith("INSERT") and f'"{model._meta.db_table}"' in sql:
            raise IntegrityError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refused):
        answer = client.post(f"{URL}/async", document(), format="json")

    assert answer.status_code == 500
    rows = [OrmQ, Verification, Session, Evidence, VerificationEvent]
    assert [row.objects.count() for row in rows] == [0] * len(rows)


class Pushed:
    """A broker outside the database."""

    list_key = "kyc"

    def __init__(self, error=None):
        self.tasks = []
        self.error = error

    def enqueue(self, task):
        if self.error:
            raise self.error
        self.tasks.append(task)


@pytest.mark.django_db(transaction=True)
def test_redis_gets_the_task_after_the_commit(client, settings, monkeypatch):
    settings.QUEUE_BROKER = "redis"
    broker = Pushed()
    monkeypatch.setattr(wake, "get_broker", lambda: broker)

    with transaction.atomic():
        client.post(f"{URL}/async", document(), format="json")
        assert broker.tasks == []

    [task] = broker.tasks
    assert SignedPackage.loads(task)["id"] == Verification.objects.get().job_id


@pytest.mark.django_db(transaction=True)
def test_redis_that_is_away_loses_nothing(client, settings, monkeypatch):
    settings.QUEUE_BROKER = "redis"
    broker = Pushed(wake.RedisError("away"))
    monkeypatch.setattr(wake, "get_broker", lambda: broker)

    answer = client.post(f"{URL}/async", document(), format="json")

    assert answer.status_code == 202
    assert Verification.objects.get().status == "pending"
