"""`POST /verifications/verify-by-id` and `GET /id-types`: what is refused, and what comes back."""

from __future__ import annotations

import re

import pytest

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.adapters.idmeta.id_types import ID_TYPES
from providers.types import (
    FinalVerdict,
    IdFindings,
    IdStatus,
    OpenedSession,
    StepKind,
    StepPlan,
    StepResult,
    Verdict,
)
from templates_sync.models import ProviderTemplate
from tests.conftest import idmeta_tenant_of
from verifications.models import Session, Verification

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/verifications/verify-by-id"
NBI = "philippines_nbi_clearance"
NUMBER = "H000AAAA00-AA00000000"


class FakeVendor:
    """IDMeta without its network: what a template holds, and what was asked."""

    def __init__(self):
        self.plans = (NBI,)
        self.opened = []
        self.subjects = []


@pytest.fixture
def vendor(monkeypatch):
    fake = FakeVendor()

    def opened(self, request, options):
        fake.opened.append(request.template_id)
        kinds = {"aml": StepKind.WATCHLIST, "document_verification": StepKind.DOCUMENT}
        steps = tuple(
            StepPlan(kinds.get(code, StepKind.ID_CHECK), code, code) for code in fake.plans
        )
        return OpenedSession(steps, "vendor-1")

    def step_done(self, session, step, given, options):
        fake.subjects.append(dict(given.subject))
        found = IdFindings(NBI, given.subject.get("idNumber"), IdStatus.FOUND)
        return StepResult(Verdict.PASSED, id_check=found)

    monkeypatch.setattr(IdmetaAdapter, "open", opened)
    monkeypatch.setattr(IdmetaAdapter, "execute_step", step_done)
    monkeypatch.setattr(IdmetaAdapter, "finalize", lambda self, ref: FinalVerdict(Verdict.PASSED))
    return fake


@pytest.fixture
def tenant(idmeta_tenant):
    return idmeta_tenant


@pytest.fixture
def client(tenant, vendor, client_of):
    return client_of(tenant)


@pytest.fixture
def post(client):
    def send(**more):
        request = {"verificationType": NBI, "idNumber": NUMBER, "templateId": "960", **more}
        request = {name: value for name, value in request.items() if value is not None}
        return client.post(URL, request, format="json")

    return send


def add_template(tenant, external_id, *plan_codes, is_active=True):
    template = new_template(tenant, external_id, *plan_codes, is_active=is_active)
    template.save()
    return template


def new_template(tenant, external_id, *plan_codes, is_active=True):
    config = tenant.provider_configs.get()
    return ProviderTemplate(
        provider_account=config.provider_account,
        external_template_id=external_id,
        name=f"Template {external_id}",
        is_active=is_active,
        steps=[
            {"order": order, "planCode": code, "planId": str(order), "name": code}
            for order, code in enumerate(plan_codes, start=1)
        ],
    )


def test_answer(post, vendor):
    person = {"firstName": "Mayumi", "lastName": "Halimbawa", "dateOfBirth": "1994-05-17"}
    answer = post(userData=person, metadata={"sessionId": "s-1"}, expiresIn=600)

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["status"], body["decision"]) == ("completed", "approved")
    assert (body["verificationType"], body["verificationMethod"]) == (NBI, "id_based")
    assert body["templateId"] == "960"
    assert body["metadata"] == {"sessionId": "s-1"}
    assert body["result"]["idCheck"] == {
        "type": NBI,
        "number": NUMBER,
        "status": "found",
        "expiryDate": None,
        "matchedName": None,
        "nameMatchScore": None,
        "record": {},
    }
    assert vendor.subjects == [{**person, "idNumber": NUMBER}]


def test_the_person_is_stored_encrypted(post):
    post(userData={"firstName": "Mayumi", "lastName": "Halimbawa"})

    verification = Verification.objects.get()
    assert verification.subject["idNumber"] == NUMBER
    stored = Verification.objects.values_list("sealed_subject", flat=True).get()
    assert NUMBER.encode() not in bytes(stored)
    event_data = verification.events.values_list("data", flat=True)
    assert NUMBER not in str(list(event_data))


def test_callback_url_as_clients_know_it(post):
    post(callbackUrl="hooks.bank.example/kyc")

    assert Verification.objects.get().webhook_url == "https://hooks.bank.example/kyc"


@pytest.mark.parametrize(
    ("request_part", "code", "words"),
    [
        ({"idNumber": "abc"}, "input_malformed", "idNumber: must look like H000AAAA00"),
        ({"idNumber": "AB 12"}, "input_malformed", "idNumber"),
        ({"idNumber": "A" * 41}, "input_malformed", "idNumber"),
        ({"idNumber": "A" * 101}, "validation_failed", "idNumber"),
        ({"idNumber": None}, "input_missing", "idNumber required"),
        ({"verificationType": None}, "validation_failed", "verificationType"),
        ({"verificationType": "document"}, "validation_failed", "POST /verifications"),
        ({"verificationType": "philippines_umid"}, "id_type_unknown", "philippines_umid"),
        ({"userData": {"firstNam": "X"}}, "input_unknown", "userData.firstNam"),
        ({"userData": {"firstName": {"a": 1}}}, "validation_failed", "userData.firstName"),
        ({"userData": ["X"]}, "validation_failed", "userData"),
        (
            {"userData": {"dateOfBirth": "17.05.1994"}},
            "input_malformed",
            "userData.dateOfBirth: must look like 1994-05-17",
        ),
        ({"userData": {"dateOfBirth": "1994-02-30"}}, "input_malformed", "userData.dateOfBirth"),
        ({"expiresIn": 10}, "validation_failed", "expiresIn"),
        ({"idnumber": "X"}, "validation_failed", "idnumber should not exist"),
        (
            {"verificationType": "philippines_driving_license", "idNumber": "N01-23-45678"},
            "input_malformed",
            "must look like N01-23-456780",
        ),
        (
            {"verificationType": "philippines_driving_license", "idNumber": "N01-23-456780"},
            "input_missing",
            "userData.expirationDate required",
        ),
        (
            {"verificationType": "philippines_social_security", "idNumber": "3412345678-9"},
            "input_malformed",
            "34-1234567-8",
        ),
        (
            {"verificationType": "philippines_national_police", "idNumber": "NPC-0000001"},
            "input_missing",
            "userData.lastName",
        ),
        (
            {
                "verificationType": "philippines_prc",
                "idNumber": None,
                "userData": {"profession": "NURSE", "firstName": "MAYUMI"},
            },
            "input_missing",
            "userData.lastName",
        ),
        (
            {
                "verificationType": "philippines_prc",
                "idNumber": "0000001",
                "userData": {"profession": "NURSE"},
            },
            "input_missing",
            "userData.dateOfBirth",
        ),
        (
            {
                "verificationType": "philippines_prc",
                "idNumber": "0000001",
                "userData": {"profession": "NURSE", "firstName": "A", "lastName": "B"},
            },
            "input_missing",
            "userData.dateOfBirth",
        ),
        ({"userData": {"profession": "NURSE"}}, "input_unknown", "userData.profession"),
        (
            {"verificationType": "australia_aec", "userData": {"suburb": "SAMPLETON"}},
            "input_unknown",
            "idNumber should not exist",
        ),
        (
            {"verificationType": "philippines_philsys", "idNumber": "0000-0000-0000-0001"},
            "input_missing",
            "userData.faceLivenessSessionId",
        ),
        (
            {
                "verificationType": "dukcapil_facematch",
                "idNumber": "3200000000000001",
                "userData": {"fullName": "BUDI CONTOH", "dateOfBirth": "1990-06-12"},
            },
            "input_missing",
            "documentImages.selfie",
        ),
    ],
)
def test_refused_before_anybody_is_asked(request_part, code, words, post, vendor):
    answer = post(**request_part)

    assert answer.status_code == 400, answer.json()
    body = answer.json()
    assert body["code"] == code
    assert words in str(body["message"])
    assert body["suggestedAction"]
    assert vendor.opened == []
    assert not Verification.objects.exists()


def test_unknown_type_lists_what_there_is(post):
    details = post(verificationType="passport").json()["details"]

    assert details["idTypes"] == [id_type.code for id_type in ID_TYPES]


def test_malformed_field_says_what_is_expected(post):
    [field] = post(idNumber="?").json()["details"]["fields"]

    assert field == {
        "field": "idNumber",
        "pattern": "[A-Za-z0-9-]{4,40}",
        "example": "H000AAAA00-AA00000000",
    }


def test_undocumented_numbers_pass_unchanged(post, vendor):
    for number in ("a1-B", "0" * 40):
        assert post(idNumber=number).status_code == 201
    assert [subject["idNumber"] for subject in vendor.subjects] == ["a1-B", "0" * 40]


def test_provider_without_id_checks(regula_tenant, client_of):
    client = client_of(regula_tenant)
    request = {"verificationType": NBI, "idNumber": NUMBER}

    answer = client.post(URL, request, format="json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "id_checks_not_supported"
    assert "regula" in answer.json()["message"]
    assert not Verification.objects.exists()


def test_without_key(client):
    client.credentials()
    assert client.post(URL, {}, format="json").status_code == 401
    assert client.get("/api/v1/id-types").status_code == 401


class TestTemplateChoice:
    def test_smallest_that_holds_the_check(self, post, tenant, vendor):
        add_template(tenant, "500", NBI, "aml")
        add_template(tenant, "1000", NBI)
        add_template(tenant, "960", NBI)
        add_template(tenant, "9", NBI, is_active=False)
        add_template(tenant, "8", f"{NBI}_v2")

        assert post(templateId=None).status_code == 201
        assert vendor.opened == ["960"]
        assert Verification.objects.get().template.external_template_id == "960"

    def test_never_another_accounts(self, post, sandbox, vendor):
        other = idmeta_tenant_of(sandbox, "Other", company_id="99")
        add_template(other, "960", NBI)

        answer = post(templateId=None)

        assert answer.status_code == 400
        assert answer.json()["code"] == "template_required"
        assert "sync_templates" in answer.json()["suggestedAction"]
        assert vendor.opened == []

    def test_own_default_of_the_type(self, sandbox, client_of, vendor):
        tenant = idmeta_tenant_of(sandbox, "Own", **{f"default_template_id_{NBI}": "970"})
        add_template(tenant, "960", NBI)
        add_template(tenant, "970", NBI)

        request = {"verificationType": NBI, "idNumber": NUMBER}
        assert client_of(tenant).post(URL, request, format="json").status_code == 201
        assert vendor.opened == ["970"]

    def test_by_metadata(self, post, vendor):
        post(templateId=None, metadata={"idmeta_template_id": "961"})
        assert vendor.opened == ["961"]

    @pytest.mark.parametrize(
        ("plans", "words"),
        [
            (("document_verification",), "does not check philippines_nbi_clearance"),
            ((NBI, "philippines_prc"), "also checks other ID numbers: philippines_prc"),
        ],
    )
    def test_unfit_known_template(self, plans, words, post, tenant, vendor):
        add_template(tenant, "960", *plans)

        answer = post()

        assert answer.status_code == 400
        assert answer.json()["code"] == "template_not_supported"
        assert words in answer.json()["message"]
        assert vendor.opened == []
        assert not Verification.objects.exists()

    def test_unfit_template_that_only_the_vendor_knows(self, post, vendor):
        """Found out by opening it, which costs nothing; no step is run."""
        vendor.plans = ("aml",)

        answer = post(userData={"firstName": "Mayumi", "lastName": "Halimbawa"})

        assert answer.status_code == 400
        assert answer.json()["code"] == "template_not_supported"
        assert vendor.subjects == []

    def test_other_steps_whose_inputs_are_missing(self, post, vendor):
        vendor.plans = (NBI, "document_verification")

        answer = post()

        assert answer.status_code == 400
        assert "documentImages.front" in answer.json()["message"]
        assert vendor.subjects == []


class TestIdTypes:
    def test_what_a_form_needs(self, client):
        types = client.get("/api/v1/id-types").json()["idTypes"]

        assert [found["code"] for found in types] == [id_type.code for id_type in ID_TYPES]
        licence = next(found for found in types if found["code"] == "philippines_driving_license")
        fields = licence.pop("fields")
        assert licence == {
            "code": "philippines_driving_license",
            "name": "LTO driving licence",
            "country": "PH",
            "planCode": "philippines_driving_license",
            "alternatives": [],
            "images": [],
        }
        assert fields[0] == {
            "name": "idNumber",
            "label": "Licence number",
            "required": True,
            "pattern": r"[A-Z]\d{2}-\d{2}-\d{6}",
            "example": "N01-23-456780",
        }
        for found in types:
            for field in found.get("fields", []):
                assert field["pattern"] is None or re.fullmatch(field["pattern"], field["example"])

    def test_alternatives(self, client):
        types = {found["code"]: found for found in client.get("/api/v1/id-types").json()["idTypes"]}

        assert types["philippines_prc"]["alternatives"] == [
            ["idNumber", "dateOfBirth"],
            ["firstName", "lastName"],
        ]
        assert types["philippines_philsys"]["planCode"] == "scan_qr"
        assert types["philippines_philsys"]["alternatives"] == [
            ["idNumber"],
            ["qrData"],
            ["firstName", "lastName", "dateOfBirth"],
        ]
        assert types["dukcapil_facematch"]["images"] == ["selfie"]

    def test_types_that_no_template_runs_are_left_out(self, client, tenant):
        add_template(tenant, "960", NBI, "aml")

        types = client.get("/api/v1/id-types").json()["idTypes"]

        assert [found["code"] for found in types] == [NBI]

    def test_provider_without_id_checks(self, regula_tenant, client_of):
        assert client_of(regula_tenant).get("/api/v1/id-types").json() == {"idTypes": []}


def test_stranger_cannot_read_it(post, regula_tenant, client_of):
    created = post().json()["id"]

    assert client_of(regula_tenant).get(f"/api/v1/verifications/{created}").status_code == 404


def test_statements(client, tenant, vendor, django_assert_max_num_queries):
    """Creating costs the same with one template as with a hundred."""
    add_template(tenant, "960", NBI)
    request = {"verificationType": NBI, "idNumber": NUMBER}
    client.post(URL, request, format="json")

    with django_assert_max_num_queries(20) as few:
        client.post(URL, request, format="json")
    ProviderTemplate.objects.bulk_create(
        [new_template(tenant, str(number), NBI, "aml") for number in range(1000, 1100)]
    )
    with django_assert_max_num_queries(20) as many:
        client.post(URL, request, format="json")

    assert len(many) == len(few)
    assert Session.objects.count() == 3


def test_listing_types_costs_the_key_and_the_config(client, tenant, django_assert_num_queries):
    add_template(tenant, "960", NBI)
    client.get("/api/v1/id-types")

    with django_assert_num_queries(2):
        client.get("/api/v1/id-types")
