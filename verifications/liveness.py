"""Liveness sessions: for a check that wants proof, made before it, that the person is alive.

The provider's page opens with a key that belongs to one verification of the provider. So that
verification is begun first; the token handed out with the key has the check go on in it. Nothing
is stored until the check is asked for (decision 0018).
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import now

from common.ids import new_id
from common.sealing import SealBroken, seal_bytes, unseal_bytes
from providers.base import RunsSteps, StartsLiveness
from providers.errors import TemplateUnknown
from providers.services import adapter_for
from providers.types import LivenessPage, OpenedSession, OpenRequest, StepKind, StepPlan
from tenants.models import TenantProviderConfig
from verifications import id_checks, ledger
from verifications.models import Verification
from verifications.requests import NewVerification, RequestNotPossible
from verifications.template_choice import choose_template, template_not_found

LIFETIME = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a token says. verification_id: ours, of the check to come. expires_at: ISO 8601."""

    verification_id: str
    account_id: str
    verification_type: str
    template_id: str
    opened: OpenedSession
    expires_at: str

    def token(self, tenant_id: UUID) -> str:
        content = json.dumps(asdict(self)).encode()
        return base64.urlsafe_b64encode(seal_bytes(content, _place(tenant_id))).decode()

    @classmethod
    def read(cls, token: str, tenant_id: UUID) -> Begun:
        """Raises ValueError or SealBroken."""
        said = json.loads(unseal_bytes(base64.urlsafe_b64decode(token), _place(tenant_id)))
        steps = [
            StepPlan(**{**step, "kind": StepKind(step["kind"])})
            for step in said["opened"].pop("steps")
        ]
        return cls(**{**said, "opened": OpenedSession(tuple(steps), **said["opened"])})


@dataclass(frozen=True, slots=True)
class LivenessSession:
    token: str
    page: LivenessPage
    expires_at: datetime


def start(request: NewVerification, config: TenantProviderConfig) -> LivenessSession:
    """Begin at the provider. Raises RequestNotPossible or ProviderError; nothing is billed."""
    ledger.refuse_open_transaction()
    id_type = id_checks.known_type(request, config)
    adapter = adapter_for(config.provider_account)
    if (
        not isinstance(adapter, StartsLiveness)
        or not isinstance(adapter, RunsSteps)
        or not id_type.needs_liveness
    ):
        raise RequestNotPossible(
            "liveness_not_needed",
            f"{id_type.code} is checked without a liveness session",
            "Check the number at once with POST /api/v1/verifications/verify-by-id",
        )
    choice = choose_template(request, config, id_type)
    if choice.external_id is None:
        raise template_not_found("", config.provider_account)
    verification_id = str(new_id())
    opening = OpenRequest(verification_id, id_type.code, frozenset(), choice.external_id)
    ledger.lend_connection()
    try:
        opened = adapter.open(opening, config.config)
    except TemplateUnknown:
        raise template_not_found(choice.external_id, config.provider_account) from None
    page = adapter.liveness_page(opened.external_id or "")
    expires_at = now() + LIFETIME
    begun = Begun(
        verification_id=verification_id,
        account_id=str(config.provider_account_id),
        verification_type=id_type.code,
        template_id=choice.external_id,
        opened=opened,
        expires_at=expires_at.isoformat(),
    )
    return LivenessSession(begun.token(request.tenant.pk), page, expires_at)


def begun_for(request: NewVerification, config: TenantProviderConfig) -> Begun | None:
    """What the request's token says; None if it has none. Raises RequestNotPossible if it is not
    one of ours, for another tenant, account or type, too old, or used already.
    """
    if not request.liveness_token:
        return None
    try:
        begun = Begun.read(request.liveness_token, request.tenant.pk)
    except (ValueError, SealBroken):
        raise unusable() from None
    asked = (str(config.provider_account_id), request.verification_type)
    is_for_it = asked == (begun.account_id, begun.verification_type)
    has_expired = datetime.fromisoformat(begun.expires_at) <= now()
    if not is_for_it or has_expired or _is_used(begun):
        raise unusable()
    return begun


def _is_used(begun: Begun) -> bool:
    return Verification.objects.filter(pk=begun.verification_id).exists()


def unusable() -> RequestNotPossible:
    return RequestNotPossible(
        "liveness_token_unusable",
        "livenessToken is unknown, too old, used already, or for another check",
        "Begin a new one with POST /api/v1/liveness-sessions, and let the person do it again",
    )


def _place(tenant_id: UUID) -> str:
    return f"liveness.token:{tenant_id}"
