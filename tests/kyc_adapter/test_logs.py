"""Nothing personal reaches a log, whoever is careless."""

from __future__ import annotations

import logging

import pytest
import structlog

from kyc_adapter.logs import configure, described, exception_without_values, only_allowed_keys
from tests.conftest import regula_tenant_of
from tests.verifications_support import PASSPORT, base64_of, document_request

PERSONAL = ("ERIKSSON", "ANNA MARIA", "L898902C3", "1974-08-12", "ZE184226B")


def test_unknown_keys_are_dropped():
    event = only_allowed_keys(None, "info", {"event": "x", "code": "c", "name": "ERIKSSON"})

    assert event == {"event": "x", "code": "c"}


def test_a_server_logs_no_ticket():
    address = "/ws/verifications?ticket=secret"
    record = logging.makeLogRecord(
        {"msg": '%s - "WebSocket %s" [accepted]', "args": ("127.0.0.1:5000", address)}
    )

    assert all(each.filter(record) for each in logging.getLogger("uvicorn.error").filters)

    assert record.getMessage() == '127.0.0.1:5000 - "WebSocket /ws/verifications" [accepted]'


def test_exception_is_told_without_its_text():
    try:
        raise ValueError("ERIKSSON")
    except ValueError as error:
        event = exception_without_values(None, "error", {"event": "x", "exc_info": error})

    assert event["exception"].startswith("builtins.ValueError at test_logs.py:")
    assert "ERIKSSON" not in event["exception"]


@pytest.mark.parametrize("exc_info", [True, None, (None, None, None)])
def test_no_exception(exc_info):
    assert exception_without_values(None, "x", {"event": "x", "exc_info": exc_info}) == {
        "event": "x"
    }


def test_description_names_every_frame():
    def inner():
        raise KeyError("secret")

    with pytest.raises(KeyError) as caught:
        inner()

    told = described(caught.value)
    assert "in inner < test_logs.py" in told
    assert "secret" not in told


@pytest.mark.django_db(transaction=True)
def test_whole_verification_leaves_no_personal_data(sandbox, client_of, specimen, settings, capfd):
    """One that passes, one whose adapter crashes on the person's data, one that is refused."""
    configure({"level": "DEBUG", "format": "json"})
    client = client_of(regula_tenant_of(sandbox))
    picture = specimen(PASSPORT)
    try:
        passed = client.post("/api/v1/verifications", document_request(picture), format="json")
        structlog.get_logger("x").info("careless", result=passed.json())
        try:
            raise ValueError(str(passed.json()))
        except ValueError:
            logging.getLogger("any.library").exception("failed")
        client.post(
            "/api/v1/verifications?name=ERIKSSON",
            {**document_request(picture), "ERIKSSON": 1},
            format="json",
        )
        client.get("/api/v1/verifications?documentNumber=L898902C3")
    finally:
        configure(settings.LOGGING)

    written = "".join(capfd.readouterr())
    assert "careless" in written
    assert "ValueError" in written
    assert "verification_event" in written
    assert not [value for value in PERSONAL if value in written]
    assert base64_of(picture)[:40] not in written
