"""Which template a verification runs, with the copy of a real list."""

from __future__ import annotations

import pytest

from providers.sandbox.idmeta.accounts import DEMO
from providers.types import VendorPlan
from templates_sync.errors import SyncFailed
from templates_sync.models import ProviderTemplate, ProviderTemplateVersion
from templates_sync.selectors import smallest_template_with
from templates_sync.services import sync_account
from tenants.models import TenantProviderConfig
from tests.templates_sync.support import DOCUMENT, template
from tests.verifications_support import blank_picture, document_request
from verifications.models import Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications/async"
BY_ID = "/api/v1/verifications/verify-by-id"
NBI = "philippines_nbi_clearance"


@pytest.fixture
def chosen(idmeta_tenant, client_of):
    """The vendor's id of the template that a request gets, or the error."""
    client = client_of(idmeta_tenant)

    def ask(**more):
        answer = client.post(URL, document_request(blank_picture(), **more), format="json")
        return outcome(answer)

    return ask


@pytest.fixture
def chosen_for_id(idmeta_tenant, client_of):
    client = client_of(idmeta_tenant)

    def ask(**more):
        body = {"verificationType": NBI, "idNumber": "H000AAAA00-AA00000001", **more}
        return outcome(client.post(BY_ID, body, format="json", HTTP_PREFER="respond-async"))

    return ask


def outcome(answer):
    if answer.status_code != 202:
        return answer.json()
    return Verification.objects.get(pk=answer.json()["id"]).external_template_id


def config(**values):
    TenantProviderConfig.objects.update(config=values)


class TestDocuments:
    def test_by_the_vendors_id(self, synced, chosen):
        assert chosen(templateId="424") == "424"

    def test_by_ours(self, synced, chosen):
        ours = ProviderTemplate.objects.get(external_template_id="424").pk
        assert chosen(templateId=str(ours)) == "424"

    def test_by_metadata_as_text_or_number(self, synced, chosen):
        assert chosen(metadata={"idmeta_template_id": "424"}) == "424"
        assert chosen(metadata={"idmeta_template_id": 425}) == "425"

    def test_template_id_goes_before_metadata(self, synced, chosen):
        assert chosen(templateId="424", metadata={"idmeta_template_id": "425"}) == "424"

    def test_the_tenants_default(self, synced, chosen):
        config(default_template_id="426", default_template_id_document="425")
        assert chosen() == "426"
        assert chosen(metadata={"idmeta_template_id": "424"}) == "424"

    def test_the_default_of_the_type(self, synced, chosen):
        config(default_template_id_document="425", default_template_id_biometric="424")
        assert chosen() == "425"

    def test_none_at_all(self, synced, chosen):
        config()
        assert chosen()["code"] == "template_required"

    @pytest.mark.parametrize(
        "named", [{"templateId": "99999"}, {"metadata": {"idmeta_template_id": 99999}}]
    )
    def test_unknown(self, synced, chosen, named):
        error = chosen(**named)

        assert (error["statusCode"], error["code"]) == (400, "template_not_found")
        assert error["message"] == error["details"]["message"] == "Template 99999 not found"
        assert error["suggestedAction"] == "Use valid template ID or omit for default"
        assert error["retryable"] is False
        assert error["details"]["usableTemplates"] == sorted(str(t.id) for t in DEMO.templates)
        assert not Verification.objects.exists()

    def test_inactive(self, synced, chosen):
        ProviderTemplate.objects.filter(external_template_id="424").update(is_active=False)

        error = chosen(templateId="424")

        assert error["message"] == "Template 424 not found"
        assert "424" not in error["details"]["usableTemplates"]
        assert "425" in error["details"]["usableTemplates"]

    def test_another_accounts(self, synced, second_tenant, chosen):
        sync_account(second_tenant.provider_configs.get().provider_account)
        theirs = ProviderTemplate.objects.get(external_template_id="1201").pk

        for reference in ("1201", str(theirs)):
            error = chosen(templateId=reference)
            assert error["code"] == "template_not_found"
            assert "1201" not in error["details"]["usableTemplates"]

    def test_fifty_ids_at_most(self, account, vendor, chosen):
        vendor.lists(*(template(str(number)) for number in range(1, 61)))
        sync_account(account)

        usable = chosen(templateId="99999")["details"]["usableTemplates"]
        assert usable == [str(number) for number in range(1, 51)]

    def test_never_read_so_the_vendor_decides(self, account, chosen):
        assert chosen(templateId="99999") == "99999"

    def test_read_and_empty_so_we_know(self, account, vendor, chosen):
        vendor.lists(total=0)
        sync_account(account)

        error = chosen(templateId="99999")
        assert error["code"] == "template_not_found"
        assert error["details"]["usableTemplates"] == []


class TestIdChecks:
    def test_the_smallest_that_holds_the_check(self, account, vendor, chosen_for_id):
        plans = [DOCUMENT, VendorPlan("170", NBI, "NBI"), VendorPlan("9", f"{NBI}_v2", "Other")]
        vendor.lists(
            template("5", "Withdrawn", "170"),
            template("6", "Another plan", "9"),
            template("7", "Larger", "170", "166"),
            template("100", "Younger", "170"),
            template("20", "Smallest", "170"),
            plans=plans,
        )
        sync_account(account)
        ProviderTemplate.objects.filter(external_template_id="5").update(is_active=False)

        assert chosen_for_id() == "20"

    def test_from_the_sandboxs_list(self, synced, chosen_for_id):
        assert chosen_for_id() == "960"

    def test_asked_once_while_the_copy_stands(self, synced, django_assert_num_queries):
        smallest_template_with(synced, NBI)
        with django_assert_num_queries(0):
            assert smallest_template_with(synced, NBI).external_template_id == "960"

    def test_its_own_default_and_not_the_general_one(self, synced, chosen_for_id):
        ProviderTemplate.objects.create(
            provider_account=synced,
            external_template_id="5000",
            name="Larger",
            steps=[{"order": 1, "planCode": NBI, "planId": "170", "name": "NBI"}] * 2,
        )
        config(default_template_id="306", **{f"default_template_id_{NBI}": "5000"})
        assert chosen_for_id() == "5000"

    def test_unknown(self, synced, chosen_for_id):
        error = chosen_for_id(templateId="99999")
        assert error["message"] == "Template 99999 not found"
        assert "960" in error["details"]["usableTemplates"]


def test_a_verification_keeps_the_version_it_ran_with(account, vendor, chosen):
    vendor.lists(template("7", "Old"))
    sync_account(account)
    chosen(templateId="7")
    vendor.lists(template("7", "New", "166", "162"))
    sync_account(account)
    chosen(templateId="7")

    before, after = Verification.objects.order_by("id")
    assert before.template == after.template == ProviderTemplate.objects.get()
    assert (before.template_version, after.template_version) == (1, 2)
    ran_with = ProviderTemplateVersion.objects.get(
        template=before.template, version=before.template_version
    )
    assert (ran_with.name, len(ran_with.steps)) == ("Old", 1)


def test_verifications_go_on_from_the_last_good_copy(synced, sandbox, chosen):
    sandbox.fault("/company/get-templates", "503", times=20)
    with pytest.raises(SyncFailed):
        sync_account(synced)

    assert chosen(templateId="424") == "424"
    assert chosen(templateId="99999")["code"] == "template_not_found"
