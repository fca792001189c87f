"""Which provider works for a tenant, and which account a verified person gets."""

from __future__ import annotations

import pytest

from providers.services import save_account
from tenants.models import Account, Tenant, TenantApiKey, TenantProviderConfig
from tenants.selectors import working_config
from tenants.services import (
    ACCOUNTS_BY_PERSON,
    account_of_person,
    issue_key,
    note_use,
    save_tenant,
)

pytestmark = pytest.mark.django_db

ANNA = {
    "firstName": "ANNA",
    "lastName": "ERIKSSON",
    "dateOfBirth": "1974-08-12",
    "nationality": "UTO",
    "documentNumber": "L898902C3",
}


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Bank")


def assign(tenant, slug, **fields):
    config = {"regula": {"docreader_url": "http://x"}, "idmeta": {"base_url": "http://x/api"}}
    credentials = {"regula": {}, "idmeta": {"api_token": "1|x"}}
    saved = save_account(slug=slug, config=config[slug], credentials=credentials[slug])
    return TenantProviderConfig.objects.create(
        tenant=tenant,
        provider=saved.account.provider,
        provider_account=saved.account,
        **fields,
    )


class TestWorkingConfig:
    def test_the_lowest_priority_works(self, tenant):
        assign(tenant, "regula", priority=2)
        first = assign(tenant, "idmeta", priority=1)

        assert working_config(tenant) == first

    def test_among_equals_the_newest_works(self, tenant):
        assign(tenant, "regula", priority=1)
        newest = assign(tenant, "idmeta", priority=1)

        assert working_config(tenant) == newest

    def test_a_disabled_one_does_not(self, tenant):
        assign(tenant, "idmeta", priority=1, is_enabled=False)
        other = assign(tenant, "regula", priority=5)

        assert working_config(tenant) == other

    def test_nor_does_one_of_a_provider_that_is_switched_off(self, tenant):
        config = assign(tenant, "regula")
        config.provider.is_active = False
        config.provider.save()

        assert working_config(tenant) is None

    def test_another_tenants_does_not(self, tenant):
        assign(Tenant.objects.create(name="Another"), "regula")

        assert working_config(tenant) is None


class TestAccounts:
    def test_one_person_gets_one_account(self, tenant, django_assert_num_queries):
        first = account_of_person(tenant=tenant, extracted=ANNA)
        with django_assert_num_queries(1):
            again = account_of_person(tenant=tenant, extracted={**ANNA, "firstName": "A."})

        assert first == again
        assert Account.objects.get().profile == {
            "name": {"first": "ANNA", "last": "ERIKSSON"},
            "birthdate": "1974-08-12",
            "referenceId": "UTO_L898902C3",
        }

    def test_worker_that_was_a_moment_faster(self, tenant, monkeypatch):
        """It writes between this one's look and its own insert."""
        first = account_of_person(tenant=tenant, extracted=ANNA)
        look = ACCOUNTS_BY_PERSON.rows_of
        looks = []

        def see_nobody_at_first(*person):
            looks.append(person)
            return look(*person) if len(looks) > 1 else []

        monkeypatch.setattr(ACCOUNTS_BY_PERSON, "rows_of", see_nobody_at_first)

        assert account_of_person(tenant=tenant, extracted=ANNA) == first
        assert Account.objects.get() == first
        assert len(looks) == 2

    def test_tenants_share_no_account(self, tenant):
        other = Tenant.objects.create(name="Another")

        assert account_of_person(tenant=tenant, extracted=ANNA) != account_of_person(
            tenant=other, extracted=ANNA
        )

    def test_without_a_nationality_the_issuing_country_counts(self, tenant):
        extracted = {"issuingCountry": "D", "documentNumber": "1"}

        assert account_of_person(tenant=tenant, extracted=extracted).profile["referenceId"] == "D_1"

    @pytest.mark.parametrize(
        "extracted",
        [{}, {"documentNumber": "1"}, {"nationality": "D"}, {**ANNA, "documentNumber": ""}],
    )
    def test_a_document_that_names_nobody_makes_no_account(self, tenant, extracted):
        assert account_of_person(tenant=tenant, extracted=extracted) is None
        assert not Account.objects.exists()

    def test_nothing_personal_is_stored_in_clear(self, tenant):
        account_of_person(tenant=tenant, extracted=ANNA)

        row = Account.objects.values().get()
        stored = str(row).encode() + bytes(row["sealed_profile"])
        assert not [value for value in ANNA.values() if value.encode() in stored]


def test_of_requests_at_once_one_writes_the_last_use(tenant, django_assert_num_queries):
    key = issue_key(tenant=tenant, name="k").key
    stale = TenantApiKey.objects.get()
    note_use(key)
    first = TenantApiKey.objects.get().last_used_at

    with django_assert_num_queries(1):
        note_use(stale)
    assert TenantApiKey.objects.get().last_used_at == first
    fresh = TenantApiKey.objects.get()
    with django_assert_num_queries(0):
        note_use(fresh)


def test_an_email_is_kept_until_another_is_given(tenant):
    def save(email=None):
        save_tenant(
            name="Bank",
            provider="regula",
            config={"docreader_url": "http://x"},
            credentials={},
            email=email,
        )
        return Tenant.objects.get().email

    assert [save("a@example.com"), save(), save("b@example.com")] == [
        "a@example.com",
        "a@example.com",
        "b@example.com",
    ]
