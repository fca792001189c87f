"""`manage.py test_verification`: one verification from the command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from tests.verifications_support import PASSPORT, blank_picture
from verifications.models import Verification

pytestmark = pytest.mark.django_db(transaction=True)

NBI = ["--id-type", "philippines_nbi_clearance", "--template", "960"]


@pytest.fixture
def command(capsys):
    """Run it; exit code and what it printed, time stamps and ids apart."""

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            call_command("test_verification", *args)
        return ended.value.code, capsys.readouterr().out

    return run


def test_approved(idmeta_tenant, command):
    names = ["--user", "firstName=Mayumi", "--user", "lastName=Halimbawa"]
    code, printed = command("--tenant", "Wallet", *NBI, "--id-number", "H000AAAA00-1", *names)

    assert code == 0
    events, summary = printed.split("\n\n")
    assert [line.split()[1] for line in events.splitlines()] == [
        "verification.created",
        "verification.step.completed",
        "verification.completed",
    ]
    assert "step 1 of 1, NBI clearance, done" in events
    rows = dict(line.split(maxsplit=1) for line in summary.splitlines())
    assert rows["verification"] == str(Verification.objects.get().pk)
    assert (rows["status"], rows["decision"]) == ("completed", "approved")
    assert rows["ID"] == "number     found, expires 2035-07-25"
    assert rows["name"] == "match    100.0"
    assert "HALIMBAWA" not in printed.upper()


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [
        ("H000AAAA00-2", 2, "review"),
        ("H000AAAA00-4", 1, "record_not_found"),
        ("H000AAAA00-9", 1, "provider_failed"),
    ],
)
def test_exit_codes(number, code, told, idmeta_tenant, command):
    ended, printed = command("--tenant", str(idmeta_tenant.pk), *NBI, "--id-number", number)

    assert ended == code
    assert told in printed


def test_json(idmeta_tenant, command):
    names = ["--user", "firstName=Mayumi", "--user", "lastName=Halimbawa"]
    number = ["--id-number", "H000AAAA00-7"]

    code, printed = command("--tenant", "Wallet", *NBI, *number, *names, "--json")

    assert code == 1
    report = json.loads(printed)
    verification = Verification.objects.get()
    assert report["verificationId"] == str(verification.pk)
    assert (report["status"], report["decision"]) == ("failed", "declined")
    assert report["error"] is None
    assert report["result"] == {
        "overall": verification.result["overall"],
        "reasonCodes": verification.result["reasonCodes"],
        "idCheck": {"status": "expired", "expiryDate": "2023-07-25", "nameMatchScore": 100.0},
    }
    assert [event["type"] for event in report["events"]] == [
        "verification.created",
        "verification.step.completed",
        "verification.failed",
    ]
    assert "HALIMBAWA" not in printed.upper()


def test_json_of_a_technical_failure(idmeta_tenant, command):
    code, printed = command("--tenant", "Wallet", *NBI, "--id-number", "H000AAAA00-9", "--json")

    assert code == 1
    report = json.loads(printed)
    assert (report["decision"], report["result"]) == (None, None)
    assert report["error"] == Verification.objects.get().error


def test_pictures(idmeta_tenant, command, specimen, tmp_path):
    front, selfie = tmp_path / "front.jpg", tmp_path / "selfie.jpg"
    front.write_bytes(specimen(PASSPORT))
    selfie.write_bytes(blank_picture())

    code, printed = command(
        "--tenant", "Wallet", "--image", str(front), "--image", f"selfie={selfie}"
    )

    assert code == 0
    assert "Document verification" in printed
    verification = Verification.objects.get()
    assert verification.verification_type == "comprehensive"
    assert verification.mode == "test"
    assert set(verification.evidence.values_list("role", flat=True)) == {"front", "selfie"}


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["--tenant", "Nobody", *NBI], "known are: Wallet"),
        (["--tenant", "01900000-0000-7000-8000-000000000000", *NBI], "There is no tenant"),
        (["--tenant", "Wallet"], "either --image or --id-type"),
        (["--tenant", "Wallet", "--image", "nowhere.jpg"], "No such file"),
        (["--tenant", "Wallet", "--image", __file__], "--image"),
        (["--tenant", "Wallet", *NBI, "--user", "lastName"], "KEY=VALUE"),
        (["--tenant", "Wallet", *NBI, "--id-number", "?"], "must look like"),
        (["--tenant", "Wallet", "--id-type", "umid"], "idTypes.*philippines_nbi_clearance"),
    ],
)
def test_refusals(args, complaint, idmeta_tenant):
    with pytest.raises(CommandError, match=f"(?s){complaint}"):
        call_command("test_verification", *args)
    assert not Verification.objects.exists()
