"""What accepting, reading and listing cost as the tables grow by other tenants' verifications.

Two copies of the database, one with a thousand such verifications and one with a million, each
behind a server of its own; one client asks them in turn. The statements are explained as well: none
may read a whole table. Needs PostgreSQL, a user who may create databases, and about 2 GB of disk.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from psycopg import sql
from rest_framework.test import APIClient

from tenants.models import Tenant
from tenants.services import account_of_person
from tests.benchmarks.accept_cost import in_turn
from tests.benchmarks.accepting import ACCEPT, ID_CHECK, Caller, caller, get, post, running_web
from tests.processes import database_url
from verifications import claims, evidence_store, services
from verifications.models import Session, Verification, VerificationEvent

FEW, MANY = 1_000, 1_000_000
OTHERS = 100
OWN = 60
PEOPLE = 5
ROUNDS = 200
RATIO_LIMIT = 1.2
LIST = "/api/v1/verifications"

Results = dict[str, tuple[float, float | None]]


def measure() -> Results:
    if connection.vendor != "postgresql":
        print("The growth of tables is measured on PostgreSQL only; set DATABASE_URL")
        return {}
    own = caller()
    read_id = accept_some(own)
    Tenant.objects.bulk_create(Tenant(name=f"Other {number}") for number in range(OTHERS))
    statements = statements_of_everything(own, read_id)
    with copy_with(FEW, own) as few, copy_with(MANY, own) as many:
        scans = sum(reads_a_whole_table(many, statement) for statement in statements)
        ratios = compared([few, many], own, read_id)
    return {
        **{
            f"{what}, {MANY:,} rows of others to {FEW:,} (ratio)": (ratio, RATIO_LIMIT)
            for what, ratio in ratios.items()
        },
        f"of {len(statements)} statements, those that read a whole table": (scans, 0),
    }


def accept_some(own: Caller) -> str:
    """Verifications of the tenant's own, half of them of known people; the id of one."""
    client = client_of(own)
    for _ in range(OWN):
        accepted = client.post(ACCEPT, ID_CHECK, format="json").json()
    for number in range(PEOPLE):
        person = account_of_person(
            tenant=own.tenant, extracted={"nationality": "PHL", "documentNumber": f"N{number}"}
        )
        newest = Verification.objects.filter(tenant=own.tenant, account=None)[: OWN // PEOPLE // 2]
        Verification.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(
            account=person
        )
    return str(accepted["id"])


def client_of(own: Caller) -> APIClient:
    client = APIClient(SERVER_NAME="localhost")
    client.credentials(HTTP_X_API_KEY=own.key)
    return client


def calls(own: Caller, read_id: str) -> dict[str, bytes]:
    return {
        "accept": post(ACCEPT, own.key, ID_CHECK),
        "get": get(f"{LIST}/{read_id}", own.key),
        "list": get(LIST, own.key),
        "list by status": get(f"{LIST}?status=pending", own.key),
        "list people": get(f"{LIST}/users", own.key),
    }


def statements_of_everything(own: Caller, read_id: str) -> list[str]:
    """What the calls execute, and what workers look for."""
    client = client_of(own)
    with CaptureQueriesContext(connection) as captured:
        client.post(ACCEPT, ID_CHECK, format="json")
        for path in (f"{LIST}/{read_id}", LIST, f"{LIST}?status=pending", f"{LIST}/users"):
            client.get(path)
        claims.due_sessions(100)
        services.expire_overdue()
        evidence_store.purge()
    return [
        query["sql"]
        for query in captured.captured_queries
        if query["sql"].startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
    ]


@contextmanager
def copy_with(count: int, own: Caller) -> Iterator[str]:
    """The address of a copy of our database with `count` verifications of other tenants."""
    name = sql.Identifier(f"{connection.settings_dict['NAME']}_{count}")
    original = sql.Identifier(connection.settings_dict["NAME"])
    url = f"{database_url()}_{count}"
    in_server(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
    connection.close()
    connection.close_pool()
    in_server(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, original))
    try:
        with psycopg.connect(url, autocommit=True) as opened:
            fill(opened, count, own)
        yield url
    finally:
        in_server(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def in_server(statement: sql.Composed) -> None:
    server = f"{database_url().rpartition('/')[0]}/postgres"
    with psycopg.connect(server, autocommit=True) as opened:
        opened.execute(statement)


# UUIDv7 of the milliseconds before now: rows lie in the order of their age, as in life.
PAST_ID = """(
    lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - n), 12, '0')
    || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15)
)::uuid"""


def fill(opened: psycopg.Connection, count: int, own: Caller) -> None:
    """Copies of the tenant's newest verification that are over and belong to others.

    Without foreign keys being checked, which would take minutes.
    """
    opened.execute("SET session_replication_role = replica")
    sample = f"(SELECT id FROM verifications WHERE tenant_id = '{own.tenant.pk}' LIMIT 1)"
    others = "(SELECT array_agg(id) FROM tenants WHERE name LIKE 'Other %')"
    over = {"status": "'completed'", "completed_at": "now()"}
    copy_rows(
        opened,
        Verification,
        f"id = {sample}",
        count,
        {"id": PAST_ID, "tenant_id": f"(({others})[1 + n % {OTHERS}])", **over},
    )
    of_it = {"id": PAST_ID, "verification_id": PAST_ID}
    copy_rows(opened, Session, f"verification_id = {sample}", count, {**of_it, **over})
    copy_rows(opened, VerificationEvent, f"verification_id = {sample}", count, of_it)
    opened.execute("VACUUM ANALYZE")


def copy_rows(
    opened: psycopg.Connection,
    model: type[models.Model],
    which: str,
    count: int,
    changed: dict[str, str],
) -> None:
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changed.get(column, f"sample.{column}") for column in columns)
    statement = f"""
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {values} FROM generate_series(1, {count}) AS n,
            (SELECT * FROM {table} WHERE {which} LIMIT 1) AS sample
    """
    opened.execute(statement.encode())


def reads_a_whole_table(url: str, statement: str) -> bool:
    with psycopg.connect(url) as opened:
        [[plan]] = opened.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchall()
    found = scans_in(plan[0]["Plan"])
    if found:
        print(f"Reads {', '.join(found)} as a whole: {statement[:300]}")
    return bool(found)


def scans_in(node: dict[str, Any]) -> list[str]:
    growing = {model._meta.db_table for model in (Verification, Session, VerificationEvent)}
    own = [node["Relation Name"]] if node["Node Type"] == "Seq Scan" else []
    inner = [table for child in node.get("Plans", []) for table in scans_in(child)]
    return [table for table in own if table in growing] + inner


def compared(urls: Sequence[str], own: Caller, read_id: str) -> dict[str, float]:
    """By call, the second database's median over the first's."""
    ratios = {}
    with ExitStack() as stack:
        webs = [stack.enter_context(running_web(DATABASE_URL=url)) for url in urls]
        for what, request in calls(own, read_id).items():
            status = 202 if what == "accept" else 200
            few, many = asyncio.run(in_turn(webs, request, status=status, rounds=ROUNDS))
            ratios[what] = statistics.median(many) / statistics.median(few)
    return ratios
