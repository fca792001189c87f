"""A ticket is used once, by whoever is first, and not for long."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
import time_machine
from django.utils.timezone import now

from tenants import tickets
from tenants.models import SpentTicket
from tenants.services import issue_key
from tests.conftest import regula_tenant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(regula_tenant):
    return issue_key(tenant=regula_tenant, name="tickets").key


@pytest.fixture
def ticket(key) -> str:
    return tickets.issue_ticket(key=key).text


def test_it_stands_for_its_key(ticket, key):
    assert tickets.redeem_ticket(ticket) == tickets.Ticket(key, None)


def test_it_may_stand_for_one_verification(key):
    verification_id = uuid4()
    issued = tickets.issue_ticket(key=key, verification_id=verification_id)

    assert tickets.redeem_ticket(issued.text).verification_id == verification_id
    assert issued.text not in repr(issued)


def test_used_once(ticket):
    tickets.redeem_ticket(ticket)

    with pytest.raises(tickets.TicketRefused):
        tickets.redeem_ticket(ticket)


def forged(**changes) -> str:
    claims = {
        "sub": str(uuid4()),
        "aud": tickets.AUDIENCE,
        "jti": str(uuid4()),
        "exp": now() + timedelta(seconds=30),
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, tickets._secret(), algorithm="HS256")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no.ticket.atall",
        jwt.encode({"sub": "x", "aud": tickets.AUDIENCE}, "another secret of 32 bytes or more!"),
        jwt.encode({"sub": str(uuid4()), "aud": tickets.AUDIENCE}, None, algorithm="none"),
        pytest.param(forged(aud="somebody else"), id="other audience"),
        pytest.param(forged(jti=None), id="no id"),
        pytest.param(forged(exp=None), id="no end"),
        pytest.param(forged(exp=now() - timedelta(seconds=1)), id="too old"),
    ],
)
def test_forged_tickets(text):
    with pytest.raises(tickets.TicketRefused):
        tickets.redeem_ticket(text)

    assert not SpentTicket.objects.exists()


def test_a_ticket_lasts_thirty_seconds(ticket):
    with time_machine.travel(now() + timedelta(seconds=31)), pytest.raises(tickets.TicketRefused):
        tickets.redeem_ticket(ticket)


def test_spent_tickets_are_forgotten_once_they_are_too_old_for_sure(ticket):
    tickets.redeem_ticket(ticket)

    assert tickets.forget_spent_tickets() == 0
    with time_machine.travel(now() + tickets.KEPT + tickets.LIFETIME):
        assert tickets.forget_spent_tickets() == 1


def post(client, **body):
    return client.post("/api/v1/ws-tickets", body, format="json")


def test_the_api_gives_tickets(client_of, regula_tenant):
    answer = post(client_of(regula_tenant))

    assert answer.status_code == 201
    assert set(answer.json()) == {"ticket", "expiresIn", "expiresAt"}
    assert answer.json()["expiresIn"] == 30
    assert tickets.redeem_ticket(answer.json()["ticket"]).key.tenant == regula_tenant


def test_the_api_gives_no_ticket_for_what_is_not_the_callers(client_of, sandbox):
    answer = post(client_of(regula_tenant_of(sandbox)), verificationId=str(uuid4()))

    assert answer.status_code == 404
    assert answer.json()["code"] == "verification_not_found"


def test_the_api_refuses_unknown_fields(client_of, regula_tenant):
    assert post(client_of(regula_tenant), verification="x").status_code == 400


def test_the_api_gives_no_ticket_without_a_key(client):
    assert client.post("/api/v1/ws-tickets").status_code == 401
