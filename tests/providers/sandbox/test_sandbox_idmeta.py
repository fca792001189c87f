"""IDMeta's API: accounts, verifications, steps, in IDMeta's own shapes."""

import base64
import json
from dataclasses import replace
from datetime import date

import pytest

from providers.sandbox.idmeta.accounts import ACCOUNTS, DEMO, SECOND, SUSPENDED, V1_ONLY
from providers.sandbox.idmeta.checks import Findings, outcome
from providers.sandbox.reading.fields import Field

CREATE = "/v1/verification/create-verification"
DOCUMENT = "/v1/verification/document_verification"
LIVENESS = "/v1/verification/biometricsverification"
LIVENESS_V3 = "/v3/verifications/biometrics-verification"
COMPARE = "/v1/verification/biometricsfacecompare"
REGISTER = "/v1/verification/biometricsregistration"
AML = "/v1/verification/aml"
MANUAL = "/v1/verification/manual-finalize-verification"
PH = "/v1/verification/philippines"


def data_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def fields(body) -> dict:
    return {item["field"]: item for item in body["extraction"]["overall"]}


def test_tokens_have_sanctums_form():
    for token in ACCOUNTS:
        number, _, secret = token.partition("|")
        assert number.isdecimal()
        assert len(secret) == 48


@pytest.mark.parametrize("authorization", ["", "Bearer 1|wrong", f"Basic {DEMO.token}"])
def test_wrong_token(idmeta, authorization):
    idmeta.headers["Authorization"] = authorization
    answer = idmeta.post(CREATE, {"template_id": "306"})
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})


def test_suspended_account(idmeta_as):
    assert idmeta_as(SUSPENDED).post(CREATE, {"template_id": "1401"}).status_code == 403


def test_create(idmeta):
    body = idmeta.post(CREATE, {"template_id": "456", "metadata": {"accid": "T-1"}}).json()
    assert list(body) == ["message", "verification", "template", "tool_settings", "plans"]
    verification, template = body["verification"], body["template"]
    assert verification["status"] == 99
    assert verification["template_id"] == "456"
    assert verification["verification_data"] == "[]"
    assert verification["metadata"] == {"accid": "T-1"}
    assert template["dropzone_plans"] == "[166, 162, 163]"
    assert template["webhook_secret"] == "sandbox-webhook-secret-456"
    assert len(template["workflow_id"]) == 24
    assert body["plans"] == [
        {"id": 166, "plan": "document_verification"},
        {"id": 162, "plan": "biometrics_verification"},
        {"id": 163, "plan": "biometrics_face_compare"},
    ]
    assert body["tool_settings"][0] == {
        "plan": "document_verification",
        "config": {"multiSide": False, "manualDocumentUpload": True},
    }


def test_create_from_a_form(idmeta):
    answer = idmeta.upload(CREATE, {"template_id": "306", "metadata": '{"a": 1}'}, {})
    assert answer.json()["verification"]["metadata"] == {"a": 1}


@pytest.mark.parametrize("template_id", ["99999", "1201", "abc"])
def test_unknown_template(idmeta, template_id):
    answer = idmeta.post(CREATE, {"template_id": template_id})
    assert answer.status_code == 422
    assert answer.json() == {
        "message": "The selected template id is invalid.",
        "errors": {"template_id": ["The selected template id is invalid."]},
    }


def test_missing_template_id(idmeta):
    answer = idmeta.post(CREATE, {})
    assert answer.status_code == 422
    assert answer.json()["errors"] == {"template_id": ["The template id field is required."]}


def test_missing_fields_are_counted(idmeta):
    answer = idmeta.post(AML, {"name": "A"})
    assert answer.status_code == 422
    assert answer.json()["message"] == "The template id field is required. (and 1 more error)"


def test_a_strangers_verification_is_not_found(idmeta, idmeta_as):
    ids = idmeta.create("306")
    answer = idmeta_as(SECOND).post(AML, ids | {"name": "A"})
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Verification not found or does not belong to this company."
    }


def test_another_template_is_refused(idmeta):
    ids = idmeta.create("306") | {"template_id": "424"}
    assert idmeta.post(AML, ids | {"name": "A"}).status_code == 422


def test_passport_is_accepted(idmeta, specimen):
    answer = idmeta.document(idmeta.create(), specimen("passport-td3"))
    body = answer.json()
    assert list(body) == [
        "processingStatus", "verification", "checks", "processIndicators", "extraction", "images",
        "messages",
    ]  # fmt: skip
    assert body["verification"] == {
        "certaintyLevel": "High",
        "recommendedOutcome": "Accept",
        "type": "DetailedCheck",
        "result": "Pass",
        "performedChecks": 21,
    }
    overall = fields(body)
    assert {name: item["value"] for name, item in overall.items() if "value" in item} == {
        "LastName": "ERIKSSON",
        "FirstName": "ANNA MARIA",
        "FullName": "ANNA MARIA ERIKSSON",
        "DocumentNumber": "L898902C3",
        "PersonalIdNumber": "ZE184226B",
        "Nationality": "UTO",
        "Sex": "F",
        "PlaceOfBirth": "ZENITH",
        "IssuingAuthority": "PASSPORT OFFICE",
    }
    assert overall["DateOfExpiry"] == {
        "field": "DateOfExpiry",
        "day": 15,
        "month": 4,
        "year": 2032,
        "successfullyParsed": True,
        "filledByDomainKnowledge": False,
        "type": "DetailedDateResult",
        "originalResult": [
            {"side": "Front", "script": "Latin", "value": "15 APR 2032",
             "type": "DetailedStringResult"}
        ],
    }  # fmt: skip
    assert body["extraction"]["classInfo"]["type"] == "Passport"
    assert body["extraction"]["classInfo"]["isoAlpha3CountryCode"] == "UTO"
    assert [image["name"] for image in body["images"]] == ["FaceImage"]


def test_card_with_both_sides_as_json(idmeta, specimen):
    sides = {
        "imageFrontSide": data_uri(specimen("id-card-td1-front")),
        "imageBackSide": base64.b64encode(specimen("id-card-td1-back")).decode(),
        "returnFaceImage": False,
        "returnFullDocumentImage": True,
    }
    body = idmeta.post(DOCUMENT, idmeta.create("426") | sides).json()
    assert body["verification"]["recommendedOutcome"] == "Accept"
    assert fields(body)["DocumentNumber"]["side"] == "Front"
    assert fields(body)["Address"]["value"] == "1 HARBOUR STREET, ZENITH"
    assert fields(body)["Address"]["side"] == "Back"
    assert len(body["extraction"]["barcode"]) == 6
    assert [image["name"] for image in body["images"]] == [
        "FullDocumentFrontImage",
        "FullDocumentBackImage",
    ]


def test_philippine_licence(idmeta, specimen):
    body = idmeta.document(idmeta.create(), specimen("driving-licence-ph")).json()
    assert body["extraction"]["classInfo"] == {
        "country": "Philippines",
        "type": "Dl",
        "region": "None",
        "isoAlpha3CountryCode": "PHL",
        "isoAlpha2CountryCode": "PH",
        "isoNumericCountryCode": "608",
    }
    assert fields(body)["FirstName"]["value"] == "JUAN"
    assert fields(body)["LastName"]["value"] == "DELA CRUZ"


@pytest.mark.parametrize(
    ("name", "scenario", "outcome", "status"),
    [
        ("passport-td3", None, "Accept", 3),
        ("passport-expired", None, "Reject", 1),
        ("passport-mismatch", None, "ManuallyReview", 2),
        ("not-a-document", None, "Retry", 2),
        ("passport-td3", "declined", "Reject", 1),
        ("passport-td3", "review", "ManuallyReview", 2),
        ("passport-td3", "expired", "Reject", 1),
        ("passport-td3", "mismatch", "ManuallyReview", 2),
        ("passport-td3", "forged", "Reject", 1),
        ("passport-td3", "unknown_enum", "SecondOpinion", 2),
    ],
)
def test_outcomes(idmeta, specimen, name, scenario, outcome, status):
    ids = idmeta.create()
    body = idmeta.document(ids, specimen(name), scenario).json()
    assert body["verification"]["recommendedOutcome"] == outcome
    final = idmeta.finalize(ids)
    assert (final["status"], final["finalized"]) == (status, True)


def test_a_wrong_check_digit_needs_a_person(pages, specimen):
    page = pages.read(specimen("passport-td3"))
    wrong = replace(page, mrz=replace(page.mrz, checks={Field.DOCUMENT_NUMBER: False}))
    findings = Findings.of([wrong], set(), date(2026, 6, 1))
    assert findings.wrong_digits == ("DocumentNumber",)
    assert (findings.result, outcome(findings, set())) == ("Fail", "ManuallyReview")


def test_a_better_picture_replaces_an_unreadable_one(idmeta, specimen):
    ids = idmeta.create()
    idmeta.document(ids, specimen("not-a-document"))
    idmeta.document(ids, specimen("passport-td3"))
    assert idmeta.finalize(ids)["status_message"] == "VERIFIED"


def test_unreadable_answer(idmeta, specimen):
    body = idmeta.document(idmeta.create(), specimen("not-a-document")).json()
    assert body["checks"] == []
    assert body["extraction"]["processingStatus"] == "MandatoryFieldMissing"
    assert body["messages"][0]["code"] == "E004"


def test_no_picture_at_all(idmeta):
    ids = idmeta.create()
    assert idmeta.post(DOCUMENT, ids).json()["message"] == (
        "The image front side field is required."
    )
    answer = idmeta.post(DOCUMENT, ids | {"imageFrontSide": "bm8gcGljdHVyZQ=="})
    assert answer.status_code == 422
    assert answer.json()["message"] == "The image front side field must be an image."


def test_legacy_document_shape(idmeta, specimen, sandbox, control):
    control("settings", {"documentShape": "B"})
    body = idmeta.document(idmeta.create(), specimen("passport-td3")).json()
    extraction = body["result"]["data"]["extractionResult"]
    assert body["status"] is True
    assert extraction["fullName"] == {"latin": "ANNA MARIA ERIKSSON"}
    assert extraction["documentNumber"] == {"latin": "L898902C3"}
    assert extraction["dateOfBirth"] == {"day": 12, "month": 8, "year": 1974}
    assert extraction["mrzData"] == {"documentType": "PASSPORT"}
    assert base64.b64decode(extraction["faceImageBase64"]).startswith(b"\xff\xd8")


def test_liveness_v1(idmeta, specimen):
    ids = idmeta.create("424")
    sent = ids | {"image": data_uri(specimen("selfie"))}
    body = idmeta.post(LIVENESS, sent).json()
    assert body["status"] is True
    assert body["result"]["probability"] == 0.987
    request = body["apiRequest"]
    assert request["plan"] == "biometrics_verification"
    assert json.loads(request["requestdata"]) == sent
    assert json.loads(request["requestresult"]) == body["result"]


def test_liveness_v3(idmeta, specimen):
    ids = idmeta.create("424")
    v3 = {"trustFlowId": ids["template_id"], "trustValidationId": ids["verification_id"]}
    body = idmeta.post(LIVENESS_V3, v3 | {"image": data_uri(specimen("selfie"))}).json()
    assert body["data"] == {"livenessPass": True, "livenessScore": 0.987}
    assert (body["verificationStatus"], body["verificationStatusCode"]) == ("VERIFIED", 3)
    assert body["trustFlowId"] == 424
    assert body["trustValidationId"] == ids["verification_id"]


def test_spoof(idmeta, specimen):
    ids, picture = idmeta.create("424"), {"image": data_uri(specimen("selfie"))}
    v1 = idmeta.post(LIVENESS, ids | picture, "declined").json()
    v3 = idmeta.post(LIVENESS_V3, ids | picture, "declined").json()
    assert v1["result"]["probability"] == 0.031
    assert v3["data"] == {"livenessPass": False, "livenessScore": 0.031}
    assert (v3["verificationStatus"], v3["verificationStatusCode"]) == ("REJECTED", 1)


def test_v3_is_missing_for_some_accounts(idmeta_as, specimen):
    client = idmeta_as(V1_ONLY)
    body = client.create("1301") | {"image": data_uri(specimen("selfie"))}
    assert client.post(LIVENESS_V3, body).status_code == 404
    assert client.post(LIVENESS, body).status_code == 200


def test_a_big_picture_as_text_in_a_form(idmeta, specimen):
    ids = idmeta.create("424")
    padded = data_uri(specimen("selfie") + bytes(1_000_000))
    body = idmeta.upload(LIVENESS, ids, {"image": (None, padded)}).json()
    assert body["result"]["status"] == "success"


def test_no_face(idmeta, specimen):
    ids = idmeta.create("424")
    files = {"image": specimen("not-a-document")}
    answer = idmeta.upload(LIVENESS, ids, files)
    text = "No face detected in the image. Please ensure face is clearly visible."
    assert answer.status_code == 200
    assert answer.json() == {
        "status": False,
        "message": text,
        "result": {"status": "failed", "message": text},
    }
    assert "biometrics_verification" in str(idmeta.finalize(ids)["missing_plans"])


@pytest.mark.parametrize(
    ("document", "selfie", "score"),
    [
        ("passport-td3", "selfie", 98),
        ("passport-td3", "selfie-other", 0),
        ("driving-licence-ph", "selfie-driving-licence-ph", 98),
    ],
)
def test_face_compare(idmeta, specimen, document, selfie, score):
    ids = idmeta.create("456")
    portrait = idmeta.document(ids, specimen(document)).json()["images"][0]["base64"]
    files = {"image1": base64.b64decode(portrait), "image2": specimen(selfie)}
    body = idmeta.upload(COMPARE, ids, files).json()
    assert body["result"] == {"status": "success", "message": "OK", "score": score}


def test_scores_as_text(idmeta, specimen, control):
    control("settings", {"numbersAsText": True})
    files = {"image1": specimen("passport-td3"), "image2": specimen("selfie")}
    body = idmeta.upload(COMPARE, idmeta.create("456"), files, "review").json()
    assert body["result"]["score"] == "45"


def test_registration_happens_once(idmeta, specimen):
    ids = idmeta.create() | {"username": "mayumi.h"}
    first = idmeta.upload(REGISTER, ids, {"image": specimen("selfie")}).json()
    again = idmeta.upload(REGISTER, ids, {"image": specimen("selfie")}).json()
    assert first["result"]["result"]["associatedVerificationId"] == ids["verification_id"]
    assert first["apiRequest"]["api_request_status"] == "SUCCESS"
    assert again == {
        "status": False,
        "message": "Verification failed",
        "result": {"status": "failed", "message": "Account already exists"},
    }


@pytest.mark.parametrize(("name", "count", "status"), [("Ana", 0, 3), ("Viktor Ejemplov", 1, 2)])
def test_aml(idmeta, name, count, status):
    ids = idmeta.create("965")
    body = idmeta.post(AML, ids | {"name": name}).json()
    assert body["result"]["results"]["matchCount"] == count
    assert idmeta.finalize(ids)["status"] == status


def test_custom_document(idmeta, specimen):
    ids = idmeta.create("967")
    path = "/v1/verification/customdocument"
    read = idmeta.upload(path, ids, {"document": specimen("driving-licence-ph")}).json()
    assert read["result"]["formData"]["address"] == "1 SAMPLE ST, BARANGAY UNA, QUEZON CITY"
    assert idmeta.upload(path, ids, {"document": b"%PDF-1.7"}).json()["result"] == {"formData": {}}


@pytest.mark.parametrize(
    ("ending", "found", "valid", "status"),
    [("1", True, True, 3), ("2", True, True, 2), ("3", True, False, 1), ("4", False, False, 1)],
)
def test_nbi_by_number_ending(idmeta, ending, found, valid, status):
    ids = idmeta.create("960")
    number = f"H000AAAA00-AA0000000{ending}"
    response = idmeta.post(f"{PH}/nbiclearance", ids | {"clearanceNo": number}).json()["response"]
    assert (response["found"], response["valid"]) == (found, valid)
    assert (response["data"] or {}).get("ID_no") == (number if found else None)
    assert idmeta.finalize(ids)["status"] == status


def test_numbers_that_fail(idmeta):
    ids = idmeta.create("960")
    failed = idmeta.post(f"{PH}/nbiclearance", ids | {"clearanceNo": "SBX-5"})
    broken = idmeta.post(f"{PH}/nbiclearance", ids | {"clearanceNo": "SBX-9"})
    assert failed.status_code == 200
    assert failed.json() == {
        "status": False,
        "message": "Verification failed",
        "result": {"status": "failed", "message": "Sandbox: upstream source unavailable"},
    }
    assert (broken.status_code, broken.json()) == (500, {"message": "Server Error"})
    assert idmeta.finalize(ids)["status"] == 4


@pytest.mark.parametrize(
    ("path", "template_id", "sent", "data"),
    [
        (
            "drivinglicense",
            "961",
            {"licenseNo": "N01-23-456781", "expirationDate": "2031-05-17"},
            {"licenseNumber": "N01-23-456781", "fullName": "HALIMBAWA, MAYUMI SUBOK",
             "expirationDate": "2031-05-17", "licenseStatus": "VALID"},
        ),
        (
            "prc",
            "962",
            {"profession": "Nurse", "firstName": "Mayumi", "lastName": "Halimbawa"},
            {"profession": "NURSE", "licenseNo": "0000001", "firstName": "MAYUMI",
             "lastName": "HALIMBAWA", "validUntil": "2035-05-17"},
        ),
        (
            "nationalpolice",
            "963",
            {"surname": "Halimbawa", "clearanceNo": "NPC-0000001"},
            {"clearanceNo": "NPC-0000001", "surname": "HALIMBAWA", "validUntil": "2035-05-17"},
        ),
        (
            "socialsecurity",
            "964",
            {"crnSsNumber": "34-1234567-8"},
            {"crnSsNumber": "34-1234567-8", "fullName": "HALIMBAWA, MAYUMI SUBOK"},
        ),
    ],
)  # fmt: skip
def test_other_registries(idmeta, path, template_id, sent, data):
    ids = idmeta.create(template_id)
    body = idmeta.post(f"{PH}/{path}", ids | sent).json()
    assert body["result"] == {"data": data, "found": True, "valid": True, "statusCode": 200}
    assert idmeta.finalize(ids)["status"] == 3


def test_declined_surname(idmeta):
    ids = idmeta.create("963")
    idmeta.post(f"{PH}/nationalpolice", ids | {"surname": "Declined", "clearanceNo": "NPC-1"})
    assert idmeta.finalize(ids)["status_message"] == "REJECTED"


def test_philsys(idmeta):
    ids = idmeta.create("425")
    key = idmeta.get("/v2/philsys/validate-verification", verificationId=ids["verification_id"])
    assert key.json()["status"] == "SUCCESS"
    form = {"first_name": "JUAN", "middle_name": None, "last_name": "DELA CRUZ",
            "suffix": None, "birth_date": "1990-05-17"}  # fmt: skip
    sent = ids | {"face_liveness_session_id": "s-1", "pcnFormData": form}
    body = idmeta.post(f"{PH}/philsys", sent).json()
    result = json.loads(body["result"])
    assert (body["status"], body["status_message"]) == (3, "VERIFIED")
    assert result["data"]["full_name"] == "JUAN DELA CRUZ"
    assert result["data"]["birth_date"] == "1990-05-17"
    assert idmeta.finalize(ids)["verification"]["profile_name"] == "JUAN DELA CRUZ"


@pytest.mark.parametrize(
    ("pcn", "status", "text"),
    [("1234-5678-9012-3451", 3, "VERIFIED"), ("1234-5678-9012-3452", 2, "REVIEW_NEEDED"),
     ("1234-5678-9012-3453", 1, "REJECTED")],
)  # fmt: skip
def test_philsys_by_number_ending(idmeta, pcn, status, text):
    ids = idmeta.create("425") | {"face_liveness_session_id": "s-1", "pcn": pcn}
    body = idmeta.post(f"{PH}/philsys", ids).json()
    assert (body["status"], body["status_message"]) == (status, text)


def test_philsys_session_expired(idmeta):
    ids = idmeta.create("425") | {"face_liveness_session_id": "expired-1", "pcn": "1"}
    assert idmeta.post(f"{PH}/philsys", ids).json() == {
        "status": False,
        "message": "face_liveness_error_exception",
        "result": None,
    }


def test_finalize_before_and_after_the_steps(idmeta, specimen):
    ids = idmeta.create("424")
    early = idmeta.finalize(ids)
    assert (early["status"], early["status_message"], early["finalized"]) == (
        4, "INCOMPLETE", False,
    )  # fmt: skip
    assert early["missing_plans"] == [
        {"id": 166, "plan": "document_verification"},
        {"id": 162, "plan": "biometrics_verification"},
    ]
    idmeta.document(ids, specimen("passport-td3"))
    idmeta.upload(LIVENESS, ids, {"image": specimen("selfie")})
    final = idmeta.finalize(ids)
    assert (final["status"], final["status_message"], final["finalized"]) == (3, "VERIFIED", True)
    assert final["missing_plans"] == []
    assert final["verification"]["profile_name"] == "ANNA MARIA ERIKSSON"
    assert final["verification"]["template_id"] == 424
    assert idmeta.finalize(ids) == final


def test_manual_finalize(idmeta):
    ids = idmeta.create("965")
    idmeta.post(AML, ids | {"name": "A"})
    posted, got = idmeta.post(MANUAL, ids), idmeta.get(MANUAL, **ids)
    assert posted.status_code == 405
    assert posted.json()["message"] == (
        "The POST method is not supported for route "
        "api/v1/verification/manual-finalize-verification. Supported methods: GET, HEAD."
    )
    assert (got.json()["status"], got.json()["verification"]["manual_status_update"]) == (3, 1)


@pytest.mark.parametrize(
    ("scenario", "status", "finalized"),
    [
        ("unknown_enum", 42, True),
        ("missing_plan", 4, False),
        ("declined", 1, True),
        ("passed", 3, True),
    ],
)
def test_staged_finalize(idmeta, scenario, status, finalized):
    ids = idmeta.create("965")
    idmeta.post(AML, ids | {"name": "A"})
    final = idmeta.finalize(ids, scenario)
    assert (final["status"], final["finalized"]) == (status, finalized)


def test_a_final_word_against_the_steps(idmeta):
    ids = idmeta.create("960")
    idmeta.post(f"{PH}/nbiclearance", ids | {"clearanceNo": "H000AAAA00-7"})
    assert idmeta.finalize(ids, "passed")["status"] == 3
    assert idmeta.finalize(ids)["status"] == 1


def test_an_answer_without_anything_familiar(idmeta):
    ids = idmeta.create("964") | {"crnSsNumber": "34-1234567-8"}
    answer = idmeta.post(f"{PH}/socialsecurity", ids, scenario="undocumented")
    assert answer.json() == {
        "status": True,
        "message": "OK",
        "result": {"reference": "SBX-REF-0001"},
    }
    assert idmeta.finalize(ids)["status"] == 3


def test_templates(idmeta):
    body = idmeta.get("/company/get-templates", page=2, per_page=10).json()
    page = body["templates"]
    assert [item["id"] for item in page["data"]] == [838, 837, 456, 426, 425, 424, 306]
    assert page["data"][-1] == {
        "id": 306,
        "name": "First Philippine ID",
        "workflow_id": "SbxWorkflow0000000000306",
        "dropzone_plans": "[166]",
    }
    assert (page["current_page"], page["last_page"], page["total"]) == (2, 2, 17)
    assert (page["from"], page["to"], page["next_page_url"]) == (11, 17, None)
    assert body["plans"][5] == {"id": 166, "plan": "document_verification",
                                "label": "Document Verification", "rate": "0.50",
                                "volume": 0}  # fmt: skip


def test_many_templates(idmeta, control):
    control("settings", {"templates": 10_000})
    page = idmeta.get("/company/get-templates", page=100, per_page=100).json()["templates"]
    assert (len(page["data"]), page["last_page"], page["total"]) == (100, 100, 10_000)
    assert idmeta.create(str(page["data"][-1]["id"]))
    beyond = idmeta.get("/company/get-templates", page=101, per_page=100).json()["templates"]
    assert beyond["data"] == []


def test_design_settings_need_no_token(idmeta):
    idmeta.headers = {}
    path = "/user/api-trust-flow/get-design-settings"
    assert idmeta.get(f"{path}/426").json()["templateDesign"]["template_id"] == 426
    assert idmeta.get(f"{path}/99999").status_code == 404


def test_unknown_paths_and_methods(idmeta):
    assert idmeta.post("/v1/verification/nothing", {}).status_code == 404
    answer = idmeta.get(CREATE)
    assert answer.status_code == 405
    assert "Supported methods: POST." in answer.json()["message"]
