"""A prepared query reads what Django's own would."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.prepared_query import PreparedQuery
from tenants.models import TenantProviderConfig
from verifications.models import Session, Verification

pytestmark = pytest.mark.django_db


def in_memory(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def sessions():
    """Joins, and columns of every kind: keys, JSON, times, numbers and sealed values."""
    return Session.objects.select_related("verification__tenant", "template").order_by()


def test_rows_with_what_they_refer_to(sessions, stored, regula_tenant, django_assert_num_queries):
    session = stored(regula_tenant, metadata={"order": "17"}).session
    query = PreparedQuery(sessions, "verification")

    with django_assert_num_queries(1):
        [found] = query.rows_of(session.verification_id)
        assert found.verification.tenant.name == regula_tenant.name
        assert found.template is None

    expected = Session.objects.get(pk=session.pk)
    assert in_memory(found) == in_memory(expected)
    assert in_memory(found.verification) == in_memory(expected.verification)
    assert found.verification.request_metadata == {"order": "17"}
    assert not found._state.adding


def test_the_text_is_made_once(sessions, stored, regula_tenant):
    first, second = stored(regula_tenant).session, stored(regula_tenant).session
    query = PreparedQuery(sessions, "verification")

    with CaptureQueriesContext(connection) as captured:
        found = [query.rows_of(row.verification_id) for row in (first, second)]

    assert found == [[first], [second]]
    assert len(captured) == 2


def test_values_belong_to_the_fields_in_their_order(stored, regula_tenant, idmeta_tenant):
    first, second = stored(regula_tenant), stored(regula_tenant)
    # By name the second field would come first.
    query = PreparedQuery(Verification.objects.filter(status="pending").order_by(), "tenant", "id")

    assert query.rows_of(regula_tenant.pk, first.pk) == [first]
    assert query.rows_of(regula_tenant.pk, second.pk) == [second]
    assert query.rows_of(idmeta_tenant.pk, first.pk) == []


def test_what_the_queryset_filters_for_stays(idmeta_tenant, regula_tenant):
    query = PreparedQuery(
        TenantProviderConfig.objects.filter(is_enabled=True, provider__slug="regula"), "tenant"
    )
    of_regula = regula_tenant.provider_configs.get()

    assert query.rows_of(idmeta_tenant.pk) == []
    assert query.rows_of(regula_tenant.pk) == [of_regula]
    TenantProviderConfig.objects.update(is_enabled=False)
    assert query.rows_of(regula_tenant.pk) == []


def test_what_is_deferred_is_read_later(stored, regula_tenant, django_assert_num_queries):
    session = stored(regula_tenant, metadata={"order": "17"}).session
    query = PreparedQuery(Session.objects.defer("options").order_by("-id"), "verification")

    [found] = query.rows_of(session.verification_id)

    assert found.get_deferred_fields() == {"options"}
    with django_assert_num_queries(0):
        assert found.next_attempt_at == session.next_attempt_at
    with django_assert_num_queries(1):
        assert found.options == session.options
