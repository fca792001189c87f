"""`GET /templates` and `GET /plans`: what the caller's tenant can use."""

from __future__ import annotations

import pytest

from providers.sandbox.idmeta.accounts import DEMO, PLANS, SECOND
from templates_sync.models import ProviderPlan, ProviderTemplate
from templates_sync.services import sync_account

pytestmark = pytest.mark.django_db

TEMPLATES = "/api/v1/templates"
PLANS_URL = "/api/v1/plans"
ORDER = sorted(str(template.id) for template in DEMO.templates)  # all have three digits
# The key with its tenant, and which provider works.
CALLER_QUERIES = 2


@pytest.fixture
def client(synced, idmeta_tenant, client_of):
    return client_of(idmeta_tenant)


@pytest.fixture
def stranger(second_tenant, client_of):
    sync_account(second_tenant.provider_configs.get().provider_account)
    return client_of(second_tenant)


def ids(answer):
    return [template["externalTemplateId"] for template in answer.json()["templates"]]


class TestTemplates:
    def test_first_page(self, client, synced):
        answer = client.get(TEMPLATES, {"limit": 2})

        body = answer.json()
        assert answer.status_code == 200
        assert list(body) == ["templates", "total", "page", "totalPages", "lastSyncedAt"]
        assert (body["total"], body["page"], body["totalPages"]) == (len(ORDER), 1, 9)
        row = ProviderTemplate.objects.get(external_template_id="424")
        assert body["templates"][1] == {
            "id": str(row.pk),
            "externalTemplateId": "424",
            "name": "One Foreign ID",
            "version": 1,
            "steps": [
                {
                    "order": 1,
                    "name": "Document Verification",
                    "planCode": "document_verification",
                    "isSupported": True,
                    "requiredInputs": ["documentImages.front"],
                },
                {
                    "order": 2,
                    "name": "Biometrics Verification",
                    "planCode": "biometrics_verification",
                    "isSupported": True,
                    "requiredInputs": ["documentImages.selfie"],
                },
            ],
            "requiredInputs": ["documentImages.front", "documentImages.selfie"],
            "lastSyncedAt": row.last_synced_at.isoformat().replace("+00:00", "Z"),
        }
        assert body["lastSyncedAt"] >= body["templates"][1]["lastSyncedAt"]

    def test_pages_hold_each_template_once(self, client):
        pages = [client.get(TEMPLATES, {"limit": 7, "page": page}) for page in (1, 2, 3, 4)]

        assert [len(ids(page)) for page in pages] == [7, 7, 3, 0]
        assert [found for page in pages for found in ids(page)] == ORDER
        assert pages[3].json()["total"] == len(ORDER)

    def test_order_is_the_vendors_by_number(self, client, synced):
        for external_id in ("1000", "99", "A1"):
            ProviderTemplate.objects.create(
                provider_account=synced, external_template_id=external_id, name="x"
            )

        assert ids(client.get(TEMPLATES)) == ["99", "A1", *ORDER, "1000"]

    def test_twenty_unless_told_and_a_hundred_at_most(self, client, sandbox, synced):
        sandbox.settings(templates=130)
        sync_account(synced)

        assert len(ids(client.get(TEMPLATES))) == 20
        assert len(ids(client.get(TEMPLATES, {"limit": 1000}))) == 100

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("philsys", ["425", "838", "950"]),
            ("42", ["424", "425", "426"]),
            ("(SANDBOX)", [str(number) for number in range(960, 968)]),
            ("%", []),
            ("nobody", []),
            ("", ORDER),
        ],
    )
    def test_search(self, client, search, found):
        body = client.get(TEMPLATES, {"search": search}).json()

        assert [row["externalTemplateId"] for row in body["templates"]] == found
        assert body["total"] == len(found)
        assert body["totalPages"] == bool(found)

    @pytest.mark.parametrize(
        "query", [{"page": "0"}, {"page": "x"}, {"limit": "-1"}, {"search": "x" * 101}]
    )
    def test_refused(self, client, query):
        answer = client.get(TEMPLATES, query)
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")

    def test_a_nul_finds_nothing(self, client):
        assert client.get(f"{TEMPLATES}?search=%00").status_code == 400
        assert client.get(f"{TEMPLATES}/%00").status_code == 404

    def test_withdrawn_is_not_shown(self, client):
        ProviderTemplate.objects.filter(external_template_id="424").update(is_active=False)

        assert "424" not in ids(client.get(TEMPLATES))
        assert client.get(f"{TEMPLATES}/424").status_code == 404

    def test_one_by_the_vendors_id_and_by_ours(self, client):
        listed = client.get(TEMPLATES, {"search": "424"}).json()["templates"][0]

        assert client.get(f"{TEMPLATES}/424").json() == listed
        assert client.get(f"{TEMPLATES}/{listed['id']}").json() == listed

    def test_a_step_that_cannot_be_run(self, client, synced):
        unknown = {"order": 1, "planCode": None, "planId": "999", "name": "Plan 999"}
        ProviderTemplate.objects.create(
            provider_account=synced, external_template_id="1", name="x", steps=[unknown]
        )

        assert client.get(f"{TEMPLATES}/1").json()["steps"] == [
            {
                "order": 1,
                "name": "Plan 999",
                "planCode": None,
                "isSupported": False,
                "requiredInputs": [],
            }
        ]

    def test_inputs_of_an_id_check(self, client):
        assert "idNumber" in client.get(f"{TEMPLATES}/960").json()["requiredInputs"]

    @pytest.mark.parametrize(
        "reference", ["99999", "0190c4e2-7e57-7b52-9d11-d0f5a3f4a001", "a b", "x" * 300]
    )
    def test_unknown(self, client, reference):
        answer = client.get(f"{TEMPLATES}/{reference}")

        body = answer.json()
        assert answer.status_code == body["statusCode"] == 404
        assert (body["success"], body["code"]) == (False, "template_not_found")
        assert body["message"] == f"Template {reference} not found"
        assert body["suggestedAction"] == "Use one of those that GET /api/v1/templates lists"


class TestPlans:
    def test_list(self, client):
        body = client.get(PLANS_URL, {"search": "document", "limit": 5}).json()

        assert list(body) == ["plans", "total", "page", "totalPages", "lastSyncedAt"]
        assert [plan["code"] for plan in body["plans"]] == [
            "custom_document",
            "document_verification",
        ]
        assert body["plans"][1] == {
            "code": "document_verification",
            "name": "Document Verification",
            "category": "document",
            "isSupported": True,
            "requiredInputs": ["documentImages.front"],
            "lastSyncedAt": body["plans"][0]["lastSyncedAt"],
        }

    def test_every_plan_by_code(self, client):
        body = client.get(PLANS_URL, {"limit": 100}).json()

        assert [plan["code"] for plan in body["plans"]] == sorted(plan.code for plan in PLANS)
        assert body["total"] == len(PLANS)

    def test_one(self, client):
        listed = client.get(PLANS_URL, {"search": "aml"}).json()["plans"][0]
        assert client.get(f"{PLANS_URL}/aml").json() == listed

    def test_unknown_and_withdrawn(self, client):
        ProviderPlan.objects.filter(plan_code="aml").update(is_active=False)

        for code in ("aml", "nothing"):
            answer = client.get(f"{PLANS_URL}/{code}")
            assert (answer.status_code, answer.json()["code"]) == (404, "plan_not_found")
            assert answer.json()["message"] == f"Plan {code} not found"


class TestWhoSeesWhat:
    def test_another_account(self, client, stranger):
        assert ids(stranger.get(TEMPLATES)) == [str(t.id) for t in reversed(SECOND.templates)]
        assert ids(client.get(TEMPLATES, {"limit": 100})) == ORDER
        ours = client.get(f"{TEMPLATES}/424").json()["id"]
        assert stranger.get(f"{TEMPLATES}/424").status_code == 404
        assert stranger.get(f"{TEMPLATES}/{ours}").status_code == 404
        assert client.get(f"{TEMPLATES}/1201").status_code == 404

    def test_plans_of_another_account(self, client, stranger, synced):
        ProviderPlan.objects.create(provider_account=synced, plan_code="ours", plan_name="Ours")

        assert client.get(f"{PLANS_URL}/ours").status_code == 200
        assert stranger.get(f"{PLANS_URL}/ours").status_code == 404
        assert stranger.get(PLANS_URL, {"search": "ours"}).json()["plans"] == []

    @pytest.mark.parametrize("url", [TEMPLATES, PLANS_URL, f"{TEMPLATES}/424", f"{PLANS_URL}/aml"])
    def test_nobody_without_a_key(self, client, url):
        client.credentials()
        assert client.get(url).status_code == 401

    def test_a_provider_without_templates(self, regula_tenant, client_of):
        body = client_of(regula_tenant).get(TEMPLATES).json()
        assert body == {
            "templates": [],
            "total": 0,
            "page": 1,
            "totalPages": 0,
            "lastSyncedAt": None,
        }
        assert client_of(regula_tenant).get(f"{TEMPLATES}/424").status_code == 404

    @pytest.mark.parametrize("url", [TEMPLATES, PLANS_URL])
    def test_no_provider(self, idmeta_tenant, client_of, url):
        idmeta_tenant.provider_configs.all().delete()
        body = client_of(idmeta_tenant).get(url).json()
        assert (body["total"], body["lastSyncedAt"]) == (0, None)

    def test_never_read(self, idmeta_tenant, client_of):
        body = client_of(idmeta_tenant).get(TEMPLATES).json()
        assert (body["total"], body["lastSyncedAt"]) == (0, None)


class TestQueries:
    """Whatever the number of templates."""

    @pytest.mark.parametrize("limit", [1, 15])
    @pytest.mark.parametrize("url", [TEMPLATES, PLANS_URL])
    def test_a_list(self, client, url, limit, django_assert_num_queries):
        client.get(url)
        with django_assert_num_queries(CALLER_QUERIES + 3):  # count, rows, last sync
            client.get(url, {"limit": limit})

    def test_one_cold_and_warm(self, client, django_assert_num_queries):
        client.get(f"{TEMPLATES}/425")
        with django_assert_num_queries(CALLER_QUERIES + 1):
            client.get(f"{TEMPLATES}/424")
        with django_assert_num_queries(CALLER_QUERIES):
            client.get(f"{TEMPLATES}/424")
