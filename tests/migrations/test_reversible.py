"""Every migration goes back and forth, with data in the tables."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.verifications_support import blank_picture, document_request

pytestmark = pytest.mark.django_db(transaction=True)

# From the one that nobody depends on to the one that all depend on.
OURS = ("verifications", "templates_sync", "tenants", "providers")


def tables():
    return set(connection.introspection.table_names())


def tables_of(app):
    return {model._meta.db_table for model in apps.get_app_config(app).get_models()}


@pytest.fixture
def with_data(regula_tenant, client_of):
    client_of(regula_tenant).post(
        "/api/v1/verifications", document_request(blank_picture()), format="json"
    )
    yield
    call_command("migrate", verbosity=0)


def test_back_to_nothing_and_forth_again(with_data):
    before = tables()

    for app in OURS:
        call_command("migrate", app, "zero", verbosity=0)
        assert not tables() & tables_of(app)
    call_command("migrate", verbosity=0)

    assert tables() == before


def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
