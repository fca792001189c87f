"""What creating and finalizing a verification says.

Source: IDMeta API reference, "Create verification", "Finalize verification" and "Verification
status types", read 2026.
"""

from __future__ import annotations

from urllib.parse import quote

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.plans import kind_and_name
from providers.adapters.idmeta.reading import Object, as_flag, as_list, as_object, as_text
from providers.adapters.idmeta.statuses import (
    UNDECIDED,
    VERDICTS,
    Status,
    first_status,
    warn_unknown,
)
from providers.errors import ProviderError, UnreadableAnswer
from providers.types import (
    FinalVerdict,
    Json,
    LivenessPage,
    OpenedSession,
    Reason,
    StepFate,
    StepPlan,
    Verdict,
)

# Settings of a step that matter to us; the others may hold keys of services behind IDMeta.
KNOWN_CONFIG = ("multiSide", "manualDocumentUpload", "use_face_plus", "threshold")

PLAN_KEYS = ("plan", "plan_code", "code", "id", "plan_id")

FINAL_REASONS: dict[Status, tuple[Reason, ...]] = {
    Status.REJECTED: (reasons.PROVIDER_REJECTED,),
    Status.REVIEW_NEEDED: (reasons.PROVIDER_REVIEW,),
    Status.VERIFIED: (),
}


PSA_LIVENESS_PAGE = "https://liveness.everify.gov.ph/?t=basic&liveness=0&awst={key}"


class VerificationFailed(ProviderError):
    """IDMeta ended the verification with a technical failure: no verdict about the person."""

    code = "provider_verification_failed"


def liveness_page(body: Object) -> LivenessPage:
    """Raises UnreadableAnswer if there is no key.

    Source: IDMeta's Flutter SDK (`fetchPublicKey`), read 2026; in no document of IDMeta's.
    """
    key = as_text(body.get("publicKey"))
    if not key:
        raise UnreadableAnswer("IDMeta's answer holds no key of the liveness page")
    return LivenessPage(key, PSA_LIVENESS_PAGE.format(key=quote(key, safe="")))


def opened_session(body: Object) -> OpenedSession:
    """The new verification's id and steps. Raises UnreadableAnswer if either is missing."""
    external_id = as_text(as_object(body.get("verification")).get("id"))
    entries = _plan_entries(body)
    if not external_id or not entries:
        raise UnreadableAnswer("IDMeta's answer names no verification or no steps")
    configs = _configs(body)
    return OpenedSession(
        steps=tuple(_step_plan(code, plan_id, configs) for code, plan_id in entries),
        external_id=external_id,
    )


def company_id(body: Object) -> str:
    """The company the verification belongs to, "" if the answer does not say."""
    return as_text(as_object(body.get("verification")).get("company_id"))


def final_verdict(body: Object) -> FinalVerdict:
    """IDMeta's word. Raises VerificationFailed for its status "failed".

    A verdict counts only with `finalized: true` and without missing steps; an undecided status, or
    a verdict not finalized yet, is not final.
    """
    status = first_status(body.get("status"), body.get("status_message"))
    missing = _missing_codes(body)
    vendor: dict[str, Json] = {"final": _facts(body, status, missing)}
    if status is Status.FAILED:
        raise VerificationFailed("IDMeta ended the verification with a technical failure")
    if status is Status.INCOMPLETE or (status is Status.VERIFIED and missing):
        return FinalVerdict(Verdict.REVIEW, (reasons.PROVIDER_INCOMPLETE,), vendor=vendor)
    if status in VERDICTS and as_flag(body.get("finalized")) is True:
        return FinalVerdict(
            VERDICTS[status],
            FINAL_REASONS[status],
            vendor=vendor,
            is_with_reviewer=status is Status.REVIEW_NEEDED,
        )
    if status in VERDICTS or status in UNDECIDED:
        return FinalVerdict(Verdict.NONE, is_final=False, vendor=vendor)
    warn_unknown("final status", body.get("status"))
    reason = reasons.PROVIDER_PURGED if status is Status.PURGED else reasons.UNKNOWN_OUTCOME
    return FinalVerdict(Verdict.REVIEW, (reason,), vendor=vendor)


def step_fate(body: Object, step: StepPlan) -> StepFate:
    """What the list of missing plans, of unknown element shape, says about a step."""
    if not isinstance(body.get("missing_plans"), list):
        return StepFate.UNKNOWN
    missing = [_names(element) for element in as_list(body["missing_plans"])]
    own_names = {step.plan_code, as_text(step.config.get("planId"))}
    if any(not own_names.isdisjoint(names) for names in missing):
        return StepFate.NOT_ARRIVED
    status = first_status(body.get("status"), body.get("status_message"))
    if not all(missing) or status is Status.EMPTY:
        return StepFate.UNKNOWN
    return StepFate.DONE


def _plan_entries(body: Object) -> list[tuple[str, str]]:
    """(code, id) of each step; from the settings if the plans carry no codes."""
    plans = [as_object(plan) for plan in as_list(body.get("plans"))]
    entries = [(as_text(plan.get("plan")), as_text(plan.get("id"))) for plan in plans]
    if entries and all(code for code, _ in entries):
        return entries
    settings = [as_object(tool) for tool in as_list(body.get("tool_settings"))]
    codes = [as_text(tool.get("plan")) for tool in settings]
    if not all(codes) or len(codes) < len(entries):
        return []
    return [(code, "") for code in codes]


def _configs(body: Object) -> dict[str, Object]:
    tools = [as_object(tool) for tool in as_list(body.get("tool_settings"))]
    return {as_text(tool.get("plan")): as_object(tool.get("config")) for tool in tools}


def _step_plan(code: str, plan_id: str, configs: dict[str, Object]) -> StepPlan:
    kind, name = kind_and_name(code)
    given = configs.get(code, {})
    config: dict[str, Json] = {"planId": plan_id} if plan_id else {}
    for key in KNOWN_CONFIG:
        value = given.get(key)
        if isinstance(value, bool | int | float):
            config[key] = value
    return StepPlan(kind=kind, plan_code=code, name=name, config=config)


def _names(element: object) -> list[str]:
    """Code and id of a plan given as an object, as its code or as its id; the code first."""
    given = as_object(element) or {"plan": element}
    return [text for key in PLAN_KEYS if (text := as_text(given.get(key)))]


def _missing_codes(body: Object) -> list[str]:
    missing = [_names(element) for element in as_list(body.get("missing_plans"))]
    return [names[0] if names else "unknown" for names in missing]


def _facts(body: Object, status: Status | None, missing: list[str]) -> dict[str, Json]:
    codes: list[Json] = [*missing]
    facts: dict[str, Json] = {"missingPlans": codes}
    if status is not None:
        facts.update(statusCode=int(status), statusMessage=status.name)
    if (finalized := as_flag(body.get("finalized"))) is not None:
        facts["finalized"] = finalized
    return facts
