"""The life of a verification at IDMeta: created, worked on, finalized.

Source: IDMeta documentation, "Create verification", "Finalize verification" and
"Verification status types".
"""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum

from providers.sandbox.idmeta.accounts import PLANS_BY_ID, Account, Plan, Template

UNKNOWN_STATUS = 42  # for the scenario unknown_enum; no source lists it


class Status(IntEnum):
    """Overall statuses, and the verdicts of single steps (1, 2, 3)."""

    REJECTED = 1
    REVIEW_NEEDED = 2
    VERIFIED = 3
    INCOMPLETE = 4
    IN_PROGRESS = 5
    EMPTY = 99


@dataclass
class Verification:
    """One verification of one account. `verdicts` has a list for each plan code that was done."""

    id: str
    account: Account
    template: Template
    metadata: object
    started_at: datetime
    status: Status = Status.EMPTY
    verdicts: dict[str, list[Status | None]] = field(default_factory=dict)
    profile_name: str = "N/A"
    ended_at: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, plan: Plan, verdict: Status | None, profile_name: str) -> None:
        """Note a processed step; None is an unreadable picture, which a better one replaces."""
        with self.lock:
            self.verdicts.setdefault(plan.code, []).append(verdict)
            self.profile_name = profile_name or self.profile_name
            if self.ended_at is None:
                self.status = Status.IN_PROGRESS

    def missing_plans(self) -> list[Plan]:
        plans = [PLANS_BY_ID[plan_id] for plan_id in self.template.plan_ids]
        return [plan for plan in plans if plan.code not in self.verdicts]

    def decide(self, status: Status | None) -> Status:
        """What a reviewer says, or what the steps say; it may be said again, and otherwise."""
        with self.lock:
            found = min((_worst(given) for given in self.verdicts.values()), default=Status.EMPTY)
            self.status = status or found
            self.ended_at = self.ended_at or datetime.now(UTC)
            return self.status

    def finalize(self) -> list[Plan]:
        """Set the verdict if all steps are done, once for all; returns the missing plans."""
        with self.lock:
            missing = self.missing_plans()
            if self.ended_at is None:
                verdicts = [_worst(given) for given in self.verdicts.values()]
                self.status = Status.INCOMPLETE if missing else min(verdicts)
                if not missing:
                    self.ended_at = datetime.now(UTC)
            return missing if self.ended_at is None else []


def _worst(verdicts: list[Status | None]) -> Status:
    """Of a step that was done several times; nothing but unreadable pictures needs a person."""
    return min((v for v in verdicts if v is not None), default=Status.REVIEW_NEEDED)


class Verifications:
    """All verifications, and the counters of the account-wide ids in IDMeta's answers."""

    def __init__(self) -> None:
        self._verifications: dict[str, Verification] = {}
        self._enrolled: set[tuple[int, str]] = set()
        self._lock = threading.Lock()
        self._request_ids = itertools.count(90_001)

    def create(self, account: Account, template: Template, metadata: object) -> Verification:
        verification = Verification(
            str(uuid.uuid4()), account, template, metadata, datetime.now(UTC)
        )
        self._verifications[verification.id] = verification
        return verification

    def find(self, account: Account, verification_id: str) -> Verification | None:
        """None also for a verification of another company."""
        found = self._verifications.get(verification_id)
        return found if found is not None and found.account == account else None

    def anybodys(self, verification_id: str) -> Verification | None:
        """Whichever account it belongs to."""
        return self._verifications.get(verification_id)

    def enroll(self, account: Account, username: str) -> bool:
        """False if the account already has this user."""
        with self._lock:
            is_new = (account.company_id, username) not in self._enrolled
            self._enrolled.add((account.company_id, username))
            return is_new

    def next_request_id(self) -> int:
        return next(self._request_ids)


def created_body(verification: Verification) -> dict[str, object]:
    """The answer of create-verification, webhook_secret included, as IDMeta sends it."""
    account, template = verification.account, verification.template
    plans = [PLANS_BY_ID[plan_id] for plan_id in template.plan_ids]
    return {
        "message": "Verification created successfully",
        "verification": {
            "user_id": account.user_id,
            "company_id": account.company_id,
            "template_id": str(template.id),
            "status": int(Status.EMPTY),
            "verification_date": _iso(verification.started_at),
            "verification_data": "[]",
            "verification_started_at": _iso(verification.started_at),
            "metadata": verification.metadata,
            "id": verification.id,
        },
        "template": {
            "id": template.id,
            "company_id": account.company_id,
            "name": template.name,
            "plans": "null",
            "created_at": "2025-01-20T06:00:00.000000Z",
            "updated_at": "2025-01-20T06:00:00.000000Z",
            "dropzone_plans": json.dumps(template.plan_ids),
            "workflow_id": template.workflow_id,
            "webhook_url": None,
            "redirect_url": None,
            "webhook_secret": f"sandbox-webhook-secret-{template.id}",
        },
        "tool_settings": [
            {"plan": plan.code, "config": _tool_config(plan, template)} for plan in plans
        ],
        "plans": [{"id": plan.id, "plan": plan.code} for plan in plans],
    }


def finalized_body(
    verification: Verification, missing: list[Plan], *, status: int | None, is_manual: bool
) -> dict[str, object]:
    """The answer of (manual-)finalize; `status` overrides the one that was found."""
    found = verification.status
    shown = int(found) if status is None else status
    names = {int(known): known.name for known in Status}
    started, ended = verification.started_at, verification.ended_at
    return {
        "message": "Verification finalized successfully",
        "verification": {
            "id": verification.id,
            "user_id": verification.account.user_id,
            "company_id": verification.account.company_id,
            "template_id": verification.template.id,
            "status": shown,
            "verification_date": _plain(started),
            "verification_data": "[]",
            "created_at": None,
            "updated_at": None,
            "verification_started_at": _plain(started),
            "verification_ended_at": _plain(ended) if ended else None,
            "time_to_verify": (ended - started).total_seconds() / 60 if ended else None,
            "form_data_status": None,
            "is_processing": 0,
            "metadata": verification.metadata,
            "profile_name": verification.profile_name,
            "is_deleted": 0,
            "manual_status_update": int(is_manual),
        },
        "missing_plans": [{"id": plan.id, "plan": plan.code} for plan in missing],
        "status": shown,
        "status_message": names.get(shown, "ESCALATED"),
        "finalized": not missing,
    }


def _tool_config(plan: Plan, template: Template) -> dict[str, object]:
    """Keys from the SDK (IDMeta/idmeta_sdk_flutter, lib/src/core/repository.dart)."""
    configs: dict[str, dict[str, object]] = {
        "document_verification": {
            "multiSide": template.is_multi_side,
            "manualDocumentUpload": True,
        },
        "biometrics_verification": {"use_face_plus": False},
        "aml": {"threshold": 80},
    }
    return configs.get(plan.code, {})


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
