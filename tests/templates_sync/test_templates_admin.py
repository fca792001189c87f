"""The copy in the admin: read, searched, filtered, and synced."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User

from templates_sync.models import ProviderTemplate, TemplateSync
from templates_sync.services import sync_account
from tests.templates_sync.support import template

pytestmark = pytest.mark.django_db

BASE = "/admin/templates_sync"
PAGES = [f"{BASE}/providertemplate/", f"{BASE}/providerplan/", f"{BASE}/templatesync/"]
ACCOUNTS = "/admin/providers/provideraccount/"


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def sync_now(client, page, rows):
    return client.post(
        page, {"action": "sync_now", "_selected_action": [row.pk for row in rows]}, follow=True
    )


def messages(answer):
    return [(message.level_tag, str(message)) for message in answer.context["messages"]]


@pytest.mark.parametrize("page", PAGES)
def test_shown_and_not_to_be_edited(admin_client, synced, page):
    assert f"idmeta …{str(synced.pk)[-12:]}" in text(admin_client.get(page))
    assert admin_client.get(f"{page}add/").status_code == 403


def test_steps_are_readable(admin_client, synced):
    listed = text(admin_client.get(PAGES[0], {"q": "Full KYC"}))

    assert "<div>4. AML</div>" in listed
    assert "Custom Document (Sandbox)" not in listed


def test_history_of_a_template(admin_client, account, vendor):
    for name in ("Old name", "New name"):
        vendor.lists(template("7", name))
        sync_account(account)

    shown = text(admin_client.get(f"{PAGES[0]}{ProviderTemplate.objects.get().pk}/change/"))
    assert "Old name" in shown
    assert "New name" in shown


@pytest.mark.parametrize(
    ("page", "query", "shown", "hidden"),
    [
        (0, {"q": "424"}, "One Foreign ID", "Philsys"),
        (0, {"is_active__exact": "0"}, "0 provider templates", "One Foreign ID"),
        (1, {"q": "nbi"}, "0.25", "Custom Document"),
        (1, {"category": "watchlist"}, "aml", "nbi_clearance"),
        (2, {"status__exact": "failed"}, "0 template syncs", "17 added"),
    ],
)
def test_search_and_filter(admin_client, synced, page, query, shown, hidden):
    listed = text(admin_client.get(PAGES[page], query))
    results = listed[listed.index('id="changelist"') :]
    assert shown in results
    table = results.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in results else ""
    assert hidden not in table


def test_sync_now(admin_client, synced, sandbox):
    sandbox.settings(templates=20)

    answer = sync_now(admin_client, PAGES[0], ProviderTemplate.objects.all()[:5])

    (level, message), *others = messages(answer)
    assert others == []  # one account, although five of its rows were chosen
    assert level == "success"
    assert message.startswith(f"{synced}: templates 3 added, 17 unchanged; plans 28 unchanged (")
    assert ProviderTemplate.objects.count() == 20


def test_sync_now_of_an_account_that_was_never_read(admin_client, account):
    answer = sync_now(admin_client, ACCOUNTS, [account])

    assert [level for level, _ in messages(answer)] == ["success"]
    assert TemplateSync.objects.get().status == "succeeded"


def test_a_failure_is_told_and_kept(admin_client, synced, sandbox):
    sandbox.fault("/company/get-templates", "401")

    answer = sync_now(admin_client, PAGES[2], TemplateSync.objects.all())

    [(level, message)] = messages(answer)
    assert level == "error"
    assert message.endswith("Nothing was changed.")
    failed = text(admin_client.get(PAGES[2], {"status__exact": "failed"}))
    assert TemplateSync.objects.first().error_message in failed
    assert "1 template sync" in failed


def test_an_account_whose_provider_has_no_templates(admin_client, regula_tenant):
    regula = regula_tenant.provider_configs.get().provider_account

    assert messages(sync_now(admin_client, ACCOUNTS, [regula])) == [
        ("error", f"{regula}: The provider has no templates. Nothing was changed.")
    ]
    assert not TemplateSync.objects.exists()


def test_only_those_who_may(client, synced):
    user = User.objects.create_user("viewer", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)

    assert "sync_now" not in text(client.get(PAGES[0]))
    sync_now(client, PAGES[0], ProviderTemplate.objects.all())
    assert TemplateSync.objects.count() == 1


def test_accounts_tell_how_old_their_copy_is(admin_client, synced, second_tenant):
    shown = text(admin_client.get(ACCOUNTS))

    assert "Wallet" in shown
    assert "Other wallet" in shown
    assert "succeeded" in shown


@pytest.mark.parametrize("page", [*PAGES, ACCOUNTS])
def test_queries_do_not_grow_with_the_rows(
    admin_client, synced, sandbox, page, django_assert_max_num_queries
):
    admin_client.get(page)
    with django_assert_max_num_queries(14):
        admin_client.get(page)
