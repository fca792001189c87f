"""How many statements the workflow costs: each of them is paid once per step, by every worker."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.images import inspect_image
from providers.types import ImageRole
from tests.conftest import idmeta_tenant_of
from tests.verifications_support import RUNS_WORKFLOW, blank_picture
from verifications import claims
from verifications.evidence_store import Picture
from verifications.models import VerificationType
from verifications.opening import open_session
from verifications.steps import StepRunner
from verifications.turn import Turn
from verifications.workflow import SESSIONS_BY_ID

pytestmark = RUNS_WORKFLOW

FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "PRAGMA")


def statements(act):
    """What `act` executes, without the frame of transactions."""
    with CaptureQueriesContext(connection) as captured:
        act()
    executed = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in executed if not sql.upper().startswith(FRAME)]


@pytest.fixture
def lease(stored, sandbox):
    """Of a session whose provider wants a document, a liveness and a face step, and a last word."""
    tenant = idmeta_tenant_of(sandbox, default_template_id="456")
    picture = Picture(blank_picture(), inspect_image(blank_picture()))
    verification = stored(
        tenant,
        verification_type=VerificationType.COMPREHENSIVE,
        pictures={ImageRole.FRONT: picture, ImageRole.SELFIE: picture},
    )
    return claims.claim(verification.session.pk)


def begun(lease):
    (session,) = SESSIONS_BY_ID.rows_of(lease.session_id)
    return Turn.begin(lease, session, has_caller=True, until=None)


def test_a_step(lease):
    turn = begun(lease)
    open_session(turn)
    runner = StepRunner(turn)
    runner.run(turn.steps[0])  # reads pictures, and prices

    executed = statements(lambda: runner.run(turn.steps[1]))

    # lease; of the step before: event, webhook endpoints; of both: steps, calls
    assert len(executed) == 5


def test_a_final_word(lease):
    turn = begun(lease)
    open_session(turn)
    turn.write()

    # lease, call
    assert len(statements(turn.finalize)) == 2


def test_a_start(lease):
    turn = begun(lease)

    # reserve: lease, call
    assert len(statements(lambda: open_session(turn))) == 2
    # lease, verification, steps, call
    assert len(statements(turn.write)) == 4
