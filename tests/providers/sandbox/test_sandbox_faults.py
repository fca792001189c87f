"""Faults over real HTTP, and what the bill book and the request log say about them."""

import io
import json
import threading
import time
from dataclasses import replace
from unittest.mock import Mock

import pytest
import requests
from PIL import Image

from providers.sandbox.app import create_app
from providers.sandbox.calls import Sandbox
from providers.sandbox.faults import Refused, Scenario
from providers.sandbox.reading.fields import Field, Value
from providers.sandbox.reading.page import Page
from providers.sandbox.server import sandbox_server
from providers.sandbox.staging import marks
from tests.providers.sandbox.conftest import Idmeta

AML = "/v1/verification/aml"
LIVENESS = "/v1/verification/biometricsverification"


@pytest.fixture
def bills(sandbox):
    def read(provider: str | None = None) -> list[dict]:
        return requests.get(f"{sandbox}/bills", params={"provider": provider}, timeout=5).json()

    return read


@pytest.fixture
def received(sandbox):
    return lambda: requests.get(f"{sandbox}/control/requests", timeout=5).json()


def marked(scenario: str, picture: bytes) -> bytes:
    """The picture with a JPEG comment that names a scenario."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(
        buffer, "JPEG", quality=90, comment=f"kyc-sandbox:{scenario}"
    )
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("fault", "status", "mimetype"),
    [
        ("401", 401, "application/json"),
        ("unauthenticated", 401, "application/json"),
        ("403", 403, "application/json"),
        ("429", 429, "application/json"),
        ("500", 500, "application/json"),
        ("502_html", 502, "text/html"),
        ("503", 503, "application/json"),
        ("not_json", 200, "text/html"),
    ],
)
def test_refusals_are_not_billed(idmeta, control, bills, received, fault, status, mimetype):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": fault, "retryAfter": 7})
    answer = idmeta.post(AML, ids | {"name": "A"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(mimetype)
    assert answer.headers.get("Retry-After") == ("7" if fault == "429" else None)
    assert bills() == []
    assert received()[-1]["path"] == "/idmeta/api/v1/verification/aml"
    assert idmeta.finalize(ids)["status"] == 4
    assert idmeta.post(AML, ids | {"name": "A"}).status_code == 200
    assert len(bills()) == 1


@pytest.mark.parametrize("fault", ["403", "500", "502_html"])
def test_refusals_of_regula(regula, specimen, control, bills, fault):
    control("faults", {"match": "/docreader/api/process", "fault": fault})
    answer = regula.process(specimen("passport-td3"))
    assert answer.status_code == int(fault[:3])
    assert bills() == []


def test_reset_before_is_neither_processed_nor_billed(idmeta, control, bills, received):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "reset_before"})
    with pytest.raises(requests.ConnectionError):
        idmeta.post(AML, ids | {"name": "A"})
    assert bills() == []
    assert [entry["path"] for entry in received()] == [
        "/idmeta/api/v1/verification/create-verification"
    ]


def test_reset_after_is_processed_and_billed(idmeta, control, bills):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "reset_after"})
    with pytest.raises(requests.ConnectionError):
        idmeta.post(AML, ids | {"name": "A"})
    assert [bill["kind"] for bill in bills()] == ["aml"]
    assert idmeta.finalize(ids)["status"] == 3


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_reset_is_no_error_of_the_server(fault, capsys):
    server = sandbox_server("127.0.0.1", 0, create_app(Sandbox(Mock())))
    server.process_request = server.process_request_thread  # so that it is over after a shutdown
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    url = f"http://127.0.0.1:{server.server_port}"
    order = {"match": "get-templates", "fault": fault}
    requests.post(f"{url}/control/faults", json=order, timeout=5)
    with pytest.raises(requests.ConnectionError):
        Idmeta(url).get("/company/get-templates")
    server.shutdown()
    serving.join()
    server.server_close()

    assert capsys.readouterr().err == ""


def test_truncated_is_complete_http_with_half_the_json(idmeta, control, bills):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "truncated"})
    answer = idmeta.post(AML, ids | {"name": "A"})
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)
    assert len(bills()) == 1


def test_slow(idmeta, control, bills):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "slow", "seconds": 0.3})
    started = time.monotonic()
    assert idmeta.post(AML, ids | {"name": "A"}).status_code == 200
    assert time.monotonic() - started > 0.3


def test_a_caller_who_does_not_wait_is_billed(idmeta, control, bills):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "slow", "seconds": 0.5})
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            idmeta.base + AML, json=ids | {"name": "A"}, headers=idmeta.headers, timeout=0.1
        )
    assert len(bills()) == 1


def test_faults_come_in_order_and_as_often_as_ordered(idmeta, control):
    ids = idmeta.create("965")
    control("faults", {"match": "/aml", "fault": "429", "times": 2})
    control("faults", {"match": "/aml", "fault": "503"})
    statuses = [idmeta.post(AML, ids | {"name": "A"}).status_code for _ in range(4)]
    assert statuses == [429, 429, 503, 200]


def test_faults_can_be_taken_back(sandbox, idmeta, control):
    control("faults", {"match": "create", "fault": "500", "times": 9})
    requests.delete(f"{sandbox}/control/faults", timeout=5)
    assert idmeta.create()


def test_header_with_several_scenarios(idmeta, bills):
    ids = idmeta.create("965")
    with pytest.raises(requests.ConnectionError):
        idmeta.post(AML, ids | {"name": "A"}, "declined, reset_after")
    assert idmeta.finalize(ids)["status_message"] == "REJECTED"


def test_logical_failure_is_not_billed(idmeta, bills):
    ids = idmeta.create("965")
    answer = idmeta.post(AML, ids | {"name": "A"}, "logical_failure")
    assert (answer.status_code, answer.json()["status"]) == (200, False)
    assert bills() == []


def test_picture_comments(idmeta, specimen, bills):
    ids = idmeta.create("424")
    declined = idmeta.upload(LIVENESS, ids, {"image": marked("declined", specimen("selfie"))})
    refused = idmeta.upload(LIVENESS, ids, {"image": marked("429", specimen("selfie"))})
    assert declined.json()["result"]["probability"] == 0.031
    assert refused.status_code == 429
    assert len(bills()) == 1


def test_a_comment_on_a_picture_for_regula(regula, specimen):
    answer = regula.match(specimen("passport-td3"), marked("review", specimen("selfie")))
    assert answer.json()["results"][0]["similarity"] == 0.70


@pytest.mark.parametrize(
    ("number", "surname", "scenarios"),
    [
        ("SBX0001", "ERIKSSON", [Scenario.PASSED]),
        ("SBX0002", "ERIKSSON", [Scenario.REVIEW]),
        ("SBX0003", "ERIKSSON", [Scenario.DECLINED]),
        ("SBX0004", "ERIKSSON", [Scenario.NOT_FOUND]),
        ("SBX0005", "ERIKSSON", [Scenario.LOGICAL_FAILURE]),
        ("SBX0006", "ERIKSSON", [Scenario.MISMATCH]),
        ("SBX0007", "ERIKSSON", [Scenario.EXPIRED]),
        ("SBX0009", "ERIKSSON", [Scenario.STATUS_500]),
        ("SBX0008", "ERIKSSON", []),
        ("L898902C3", "ERIKSSON", []),
        ("L898902C3", "Declined", [Scenario.DECLINED]),
        ("L898902C3", "REVIEW", [Scenario.REVIEW]),
    ],
)
def test_numbers_and_surnames_of_documents(pages, specimen, number, surname, scenarios):
    printed = {
        Field.DOCUMENT_NUMBER: Value(number, number, (0, 0, 0, 0), 1.0),
        Field.SURNAME: Value(surname, surname, (0, 0, 0, 0), 1.0),
    }
    page: Page = replace(pages.read(specimen("id-card-td1-front")), visual=printed)
    assert marks(page) == scenarios


def test_refusals_can_be_raised_from_anywhere():
    assert Refused(Scenario.STATUS_500).scenario == "500"


def test_bills_of_idmeta(idmeta, specimen, bills):
    ids = idmeta.create("424")
    idmeta.get("/company/get-templates")
    idmeta.document(ids, specimen("not-a-document"))
    idmeta.upload(LIVENESS, ids, {"image": specimen("not-a-document")})
    idmeta.post(AML, {"name": "A"})
    idmeta.post(AML, ids | {"name": "A"}, **{"X-Correlation-ID": "c-1"})
    idmeta.finalize(ids)
    lines = bills("idmeta")
    assert [(line["kind"], line["amount"], line["correlation_id"]) for line in lines] == [
        ("document_verification", "0.50", None),
        ("aml", "0.40", "c-1"),
    ]
    assert lines[0].keys() == {
        "id", "provider", "account", "kind", "reference", "amount", "currency", "correlation_id",
        "at", "licensed_session",
    }  # fmt: skip
    assert lines[0]["reference"] == ids["verification_id"]
    assert (lines[0]["account"], lines[0]["currency"]) == ("demo", "USD")
    assert lines[0]["licensed_session"] is None


def test_bills_of_regula(regula, specimen, bills):
    passport, selfie = specimen("passport-td3"), specimen("selfie")
    for tag in ("t-1", "t-1", "t-2", ""):
        regula.process(passport, tag=tag, tenant="bank")
    regula.match(passport, selfie, tag="t-1")
    lines = bills("regula")
    assert [(line["kind"], line["reference"], line["amount"], line["licensed_session"])
            for line in lines] == [
        ("process", "t-1", "0.25", 1),
        ("process", "t-1", "0.00", 0),
        ("process", "t-2", "0.25", 1),
        ("process", "", "0.25", 1),
        ("match", "t-1", "0.05", 1),
    ]  # fmt: skip
    assert lines[0]["account"] == "bank"
    assert bills("idmeta") == []


def test_bills_are_reset(sandbox, regula, specimen, bills):
    regula.process(specimen("passport-td3"))
    assert len(bills()) == 1
    requests.delete(f"{sandbox}/bills", timeout=5)
    assert bills() == []


def test_the_request_log_is_reset(sandbox, idmeta, received):
    idmeta.create()
    assert len(received()) == 1
    requests.delete(f"{sandbox}/control/requests", timeout=5)
    assert received() == []


def test_request_log_has_names_and_no_values(idmeta, regula, specimen, received):
    ids = idmeta.create("306", metadata={"accid": "secret-value"})
    idmeta.document(ids, specimen("passport-td3"))
    regula.process(specimen("passport-td3"), tag="t-1")
    log = received()
    assert log[0]["fields"] == ["metadata", "metadata.accid", "template_id"]
    assert log[1]["contentType"] == "multipart/form-data"
    assert log[1]["fields"] == ["imageFrontSide", "template_id", "verification_id"]
    assert log[2]["fields"] == [
        "List", "processParam", "processParam.dateFormat", "processParam.scenario", "tag",
    ]  # fmt: skip
    assert "secret-value" not in json.dumps(log)
