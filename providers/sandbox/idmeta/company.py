"""Calls around verifications: create, finalize, templates, design, PhilSys keys.

Source: IDMeta documentation, "Create verification", "Finalize verification"; get-templates as
captured in KYC_ADAPTER, IDMETA_INTEGRATION_DOCUMENTATION.md (its paginator keys are assumed).
"""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from itertools import islice

from providers.sandbox.calls import Call, JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.accounts import ACCOUNTS, PLANS
from providers.sandbox.idmeta.steps import Answer, authenticated, verification_of
from providers.sandbox.idmeta.verifications import (
    UNKNOWN_STATUS,
    Status,
    created_body,
    finalized_body,
)

DEFAULT_PAGE_SIZE = 10
LARGEST_PAGE_SIZE = 100


def create_verification(call: Call) -> JsonObject:
    account = authenticated(call)
    template_id = call.text("template_id")
    if not template_id:
        missing = {"template_id": "The template id field is required."}
        raise Answer(HTTPStatus.UNPROCESSABLE_ENTITY, bodies.invalid(missing))
    settings = call.sandbox.settings
    template = account.template(template_id, settings.templates)
    if template is None:
        if settings.unknownTemplateStatus == HTTPStatus.NOT_FOUND:
            raise Answer(HTTPStatus.NOT_FOUND, {"message": bodies.TEMPLATE_NOT_FOUND})
        unknown = {"template_id": "The selected template id is invalid."}
        raise Answer(HTTPStatus.UNPROCESSABLE_ENTITY, bodies.invalid(unknown))
    metadata = _metadata(call.body.get("metadata"))
    verification = call.sandbox.verifications.create(account, template, metadata)
    call.sandbox.webhooks.created(verification)
    return created_body(verification)


def finalize_verification(call: Call) -> JsonObject:
    return _finalize(call, is_manual=False)


def finalize_manually(call: Call) -> JsonObject:
    """GET with the ids in the query, as the live API allows."""
    return _finalize(call, is_manual=True)


def refuse_manual_post(call: Call) -> JsonObject:
    raise Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"message": bodies.MANUAL_FINALIZE_POSTED})


def list_templates(call: Call) -> JsonObject:
    """Laravel's paginator over the account's Trust Flows, with the plan catalogue beside it."""
    account = authenticated(call)
    args = call.request.args
    size = min(max(args.get("per_page", DEFAULT_PAGE_SIZE, int), 1), LARGEST_PAGE_SIZE)
    page = max(args.get("page", 1, int), 1)
    count = max(call.sandbox.settings.templates, len(account.templates))
    first = (page - 1) * size
    shown = list(islice(account.all_templates(count), first, first + size))
    url = call.request.base_url
    last = max(1, -(-count // size))
    return {
        "templates": {
            "current_page": page,
            "data": [
                {
                    "id": template.id,
                    "name": template.name,
                    "workflow_id": template.workflow_id,
                    "dropzone_plans": json.dumps(template.plan_ids),
                }
                for template in shown
            ],
            "first_page_url": f"{url}?page=1",
            "from": first + 1 if shown else None,
            "last_page": last,
            "last_page_url": f"{url}?page={last}",
            "next_page_url": f"{url}?page={page + 1}" if page < last else None,
            "path": url,
            "per_page": size,
            "prev_page_url": f"{url}?page={page - 1}" if page > 1 else None,
            "to": first + len(shown) if shown else None,
            "total": count,
        },
        "verificationTypeOptions": [
            {"value": plan.id, "label": plan.label, "plan": plan.code} for plan in PLANS
        ],
        "plans": [
            {"id": plan.id, "plan": plan.code, "label": plan.label, "rate": f"{plan.rate:.2f}",
             "volume": 0}
            for plan in PLANS
        ],
    }  # fmt: skip


def show_design(call: Call, template_id: str) -> JsonObject:
    """Needs no token (IDMeta/idmeta_sdk_flutter, lib/src/modal/settings.dart)."""
    count = call.sandbox.settings.templates
    known = any(account.template(template_id, count) for account in ACCOUNTS.values())
    if not known:
        raise Answer(HTTPStatus.NOT_FOUND, {"message": bodies.TEMPLATE_NOT_FOUND})
    return {
        "templateDesign": {
            "id": 12,
            "template_id": int(template_id),
            "logo": "https://sandbox.invalid/logo.png",
            "settings": {
                "fontSize": "14px",
                "fontFamily": "Arial",
                "description": "Sandbox consent text",
                "primaryColor": "#1A56DB",
                "textFontColor": "#111827",
                "secondaryColor": "#93C5FD",
                "buttonFontColor": "#FFFFFF",
            },
            "is_active": 1,
            "file_name": "logo.png",
            "created_at": "2025-01-20T06:00:00.000000Z",
            "updated_at": "2025-01-20T06:00:00.000000Z",
        }
    }


def issue_philsys_key(call: Call) -> JsonObject:
    """A one-time key for PSA's liveness page."""
    account = authenticated(call)
    if call.sandbox.verifications.find(account, call.request.args.get("verificationId", "")):
        return {"status": "SUCCESS", "publicKey": f"sbx_everify_{secrets.token_hex(12)}"}
    raise Answer(HTTPStatus.NOT_FOUND, {"message": bodies.VERIFICATION_NOT_FOUND})


def _finalize(call: Call, *, is_manual: bool) -> JsonObject:
    account = authenticated(call)
    verification = verification_of(call, account)
    if Scenario.LOGICAL_FAILURE in call.scenarios:
        return bodies.logical_failure(bodies.UPSTREAM_UNAVAILABLE)
    was_open = verification.ended_at is None
    if was_open and call.sandbox.settings.decidesLater and not verification.missing_plans():
        return finalized_body(verification, [], status=Status.IN_PROGRESS, is_manual=is_manual)
    missing = verification.finalize()
    if Scenario.MISSING_PLAN in call.scenarios:
        plans = [plan for plan in PLANS if plan.id in verification.template.plan_ids]
        return finalized_body(
            verification, plans[-1:], status=Status.INCOMPLETE, is_manual=is_manual
        )
    status = _staged_status(call)
    if was_open and verification.ended_at is not None:
        call.sandbox.webhooks.ended(verification, status or verification.status)
    return finalized_body(verification, missing, status=status, is_manual=is_manual)


def _staged_status(call: Call) -> int | None:
    """A final word that is ordered, whatever the steps found."""
    staged = {
        Scenario.UNKNOWN_ENUM: UNKNOWN_STATUS,
        Scenario.DECLINED: Status.REJECTED,
        Scenario.REVIEW: Status.REVIEW_NEEDED,
        Scenario.PASSED: Status.VERIFIED,
    }
    return next((int(code) for name, code in staged.items() if name in call.scenarios), None)


def _metadata(value: object) -> object:
    """An object, or in a form its JSON text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
