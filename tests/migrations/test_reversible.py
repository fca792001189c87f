"""Every migration goes back and forth, with data in the tables."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.timezone import now

from common import signing_secrets
from providers.models import ProviderAccount
from templates_sync.models import ProviderPlan, ProviderTemplate
from tenants.models import Account
from tests.flows.support import verify
from tests.verifications_support import PASSPORT, document_request
from verifications.models import Revision, Verification
from webhooks.inbound.addresses import address_of
from webhooks.models import InboundWebhook, WebhookAttempt, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db(transaction=True)

# From the one that nobody depends on to the one that all depend on.
OURS = ("webhooks", "verifications", "templates_sync", "tenants", "providers")


ALWAYS_THERE = (Verification, Account, ProviderTemplate, ProviderPlan)
WITH_ROWS = (*ALWAYS_THERE, WebhookEndpoint, WebhookDelivery, WebhookAttempt)


def keys_of(model):
    return list(model.objects.values_list("pk", flat=True))


def tables():
    return set(connection.introspection.table_names())


def tables_of(app):
    return {model._meta.db_table for model in apps.get_app_config(app).get_models()}


def first_migrations():
    """Where each app of ours began; before it, if its first one needs another app's later one."""
    graph = MigrationLoader(None).graph
    later = {key for key in graph.nodes if key[0] in OURS} - {*graph.root_nodes()}
    first = [key for key in graph.root_nodes() if key[0] in OURS]
    return [
        (app, None if later & {*graph.forwards_plan((app, name))} else name) for app, name in first
    ]


def event_counters():
    """A column that the first migration made, and a later one took away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_sequence FROM verifications")
        return [number for (number,) in cursor.fetchall()]


def go_back(targets):
    """In one pass: `migrate` for each app would render all models time and again."""
    MigrationExecutor(connection).migrate(targets)


def delivery_with_an_attempt(verification):
    endpoint = WebhookEndpoint(tenant=verification.tenant, url="https://bank.example/hook")
    endpoint.secrets = signing_secrets.first()
    endpoint.save()
    event = verification.events.last()
    delivery = WebhookDelivery.objects.create(
        tenant=verification.tenant,
        source="endpoint",
        endpoint=endpoint,
        verification=verification,
        event=event,
        message_id=event.pk,
        event_type=event.type,
        url=endpoint.url,
        receiver="bank.example:443",
        next_attempt_at=now(),
    )
    attempt = WebhookAttempt(delivery=delivery, started_at=now(), duration_ms=12, status_code=500)
    attempt.answer = "no"
    attempt.save()


def notice_and_revision(verification):
    """What came in from the provider, and what it led to."""
    account = verification.provider_account
    address_of(account)
    InboundWebhook.objects.create(
        provider_account=account,
        content_hash="0" * 64,
        kind="trustValidation.complete",
        external_id="vendor-1",
        is_signed=True,
        content={"headers": {}, "body": ""},
        next_attempt_at=now(),
    )
    Revision.objects.create(
        verification=verification,
        number=1,
        decision="declined",
        previous_decision="approved",
        result={},
        created_at=now(),
    )


@pytest.fixture
def with_data(regula_tenant, client_of, specimen):
    """An approved verification with all its rows, and a catalogue."""
    after = verify(client_of(regula_tenant), document_request(specimen(PASSPORT)))
    account = ProviderAccount.objects.get()
    ProviderTemplate.objects.create(
        provider_account=account, external_template_id="306", name="One ID"
    )
    ProviderPlan.objects.create(provider_account=account, plan_code="aml", plan_name="AML")
    delivery_with_an_attempt(after.verification)
    notice_and_revision(after.verification)
    yield after.verification
    call_command("migrate", verbosity=0)


def test_back_to_nothing_and_forth_again(with_data):
    before = tables()

    go_back([(app, None) for app in OURS])
    assert not tables() & {table for app in OURS for table in tables_of(app)}
    call_command("migrate", verbosity=0)

    assert tables() == before
    assert not Verification.objects.exists()


def test_back_to_the_first_and_forth_keeps_the_rows(with_data):
    """All but those of tables that came later, which go and come with what they depend on."""
    rows = {model: keys_of(model) for model in WITH_ROWS}
    assert all(rows.values())
    result = with_data.result

    events = with_data.events.count()
    go_back(first_migrations())
    assert event_counters() == [events]
    kept = [model for model in WITH_ROWS if model._meta.db_table in tables()]
    call_command("migrate", verbosity=0)

    assert {*ALWAYS_THERE} <= {*kept}
    assert {model: keys_of(model) for model in kept} == {model: rows[model] for model in kept}
    assert Verification.objects.get().result == result


def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
