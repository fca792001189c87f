"""Run one verification from the command line, and watch it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.images import ImageRefused, inspect_image
from providers.id_types import ID_NUMBER
from providers.types import ImageRole
from tenants.management.commands.create_tenant import pairs
from tenants.models import Mode, Tenant
from verifications import services, workflow
from verifications.events import committed, envelope
from verifications.evidence_store import Picture
from verifications.models import Decision, Verification, VerificationEvent, VerificationType
from verifications.requests import NewVerification, RequestNotPossible

# Exit codes: what a script needs to know.
EXIT_CODES = {Decision.APPROVED: 0, Decision.REVIEW: 2}
NO_VERDICT_YET, NOT_APPROVED = 2, 1


class Command(BaseCommand):
    help = (
        "Run one verification of a tenant through the same code as the API, print each event as "
        "it happens and the result. The provider may bill for it. Exit code 0 if approved, 2 if "
        "in review or still waiting for the provider, 1 if declined, failed or refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="NAME_OR_ID")
        parser.add_argument(
            "--image",
            action="append",
            default=[],
            metavar="[ROLE=]FILE",
            help="a picture; ROLE is front (if left out), back, selfie or additional; repeatable",
        )
        parser.add_argument(
            "--type",
            choices=[kind.value for kind in VerificationType],
            help="what the pictures verify; comprehensive if there is a selfie, else document",
        )
        parser.add_argument("--id-type", metavar="CODE", help="check an ID number of this type")
        parser.add_argument("--id-number", metavar="NUMBER")
        parser.add_argument(
            "--user",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="what is known of the person, such as lastName=Halimbawa; repeatable",
        )
        parser.add_argument("--template", metavar="ID", help="our id or the vendor's")
        parser.add_argument(
            "--json", action="store_true", help="print one object at the end, events included"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["image"]) == bool(options["id_type"]):
            raise CommandError("Give either --image or --id-type")
        events: list[VerificationEvent] = []
        tell = events.append if options["json"] else self._print_event
        verification = _run(_request(options), tell)
        if options["json"]:
            report = {**_report(verification), "events": [envelope(event) for event in events]}
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self._print_result(verification)
        sys.exit(_exit_code(verification))

    def _print_event(self, event: VerificationEvent) -> None:
        self.stdout.write(_line(event))

    def _print_result(self, verification: Verification) -> None:
        self.stdout.write("")
        for name, value in _rows(_report(verification)).items():
            self.stdout.write(f"{name:13} {value}")


def _run(request: NewVerification, tell: Callable[[VerificationEvent], None]) -> Verification:
    """The verification as it ended; each event is told as it happens."""

    def on_event(event: VerificationEvent, **kwargs: Any) -> None:
        tell(event)

    committed.connect(on_event)
    logging.disable(logging.INFO)  # the log would tell the same events once more
    try:
        verification = services.create(request)
        workflow.run(verification.session.pk, has_caller=True)
    except RequestNotPossible as refusal:
        raise CommandError(_complaint(refusal)) from None
    finally:
        logging.disable(logging.NOTSET)
        committed.disconnect(on_event)
    return Verification.objects.get(pk=verification.pk)


def _request(options: dict[str, Any]) -> NewVerification:
    tenant = _tenant(options["tenant"])
    subject = pairs(options["user"], "--user")
    if options["id_number"]:
        subject[ID_NUMBER] = options["id_number"]
    pictures = dict(_picture(value) for value in options["image"])
    usual = (
        VerificationType.COMPREHENSIVE
        if ImageRole.SELFIE in pictures
        else VerificationType.DOCUMENT
    )
    return NewVerification(
        tenant=tenant,
        mode=Mode.TEST,
        verification_type=options["id_type"] or options["type"] or usual,
        pictures=pictures,
        subject=subject,
        template=options["template"],
    )


def _tenant(name_or_id: str) -> Tenant:
    found = Tenant.objects.filter(name=name_or_id).first()
    if found is None:
        try:
            found = Tenant.objects.filter(pk=UUID(name_or_id)).first()
        except ValueError:
            found = None
    if found is None:
        names = ", ".join(Tenant.objects.values_list("name", flat=True)[:20])
        raise CommandError(f"There is no tenant {name_or_id!r}; known are: {names or 'none'}")
    return found


def _picture(value: str) -> tuple[ImageRole, Picture]:
    role, separator, name = value.partition("=")
    if not separator or role not in set(ImageRole):
        role, name = ImageRole.FRONT.value, value
    try:
        data = Path(name).read_bytes()
        return ImageRole(role), Picture(data, inspect_image(data))
    except OSError as error:
        raise CommandError(f"--image {name}: {error.strerror}") from None
    except ImageRefused as refusal:
        raise CommandError(f"--image {name}: {refusal}") from None


def _complaint(refusal: RequestNotPossible) -> str:
    """What the API would answer, `details` included: the advice may point there."""
    details = (f"details.{key}: {json.dumps(value)}" for key, value in refusal.details.items())
    return "\n".join([f"{refusal.message}. {refusal.suggested_action}", *details])


def _line(event: VerificationEvent) -> str:
    data = event.data
    facts = [str(data[key]) for key in ("name", "stepStatus", "decision") if data.get(key)]
    if "totalSteps" in data:
        facts.insert(0, f"step {data['step']} of {data['totalSteps']}")
    return f"{event.created_at:%H:%M:%S.%f}  {event.type:28} {', '.join(facts)}".rstrip()


def _report(verification: Verification) -> dict[str, Any]:
    """How it ended, as far as it tells nothing of the person: that stays in the database."""
    return {
        "verificationId": str(verification.pk),
        "status": verification.status,
        "decision": verification.decision,
        "error": verification.error,
        "result": _result_report(verification.result) if verification.result else None,
    }


def _result_report(result: dict[str, Any]) -> dict[str, Any]:
    id_check = result["idCheck"]
    told = ("status", "expiryDate", "nameMatchScore")
    return {
        "overall": result["overall"],
        "reasonCodes": result["reasonCodes"],
        "idCheck": {name: id_check[name] for name in told} if id_check else None,
    }


def _rows(report: dict[str, Any]) -> dict[str, str]:
    """The report for people."""
    rows = {
        "verification": report["verificationId"],
        "status": report["status"],
        "decision": report["decision"] or "-",
    }
    if error := report["error"]:
        rows["error"] = f"{error['code']}: {error['message']}"
        rows["what to do"] = error["suggestedAction"]
    elif result := report["result"]:
        rows |= _result_rows(result)
    return rows


def _result_rows(result: dict[str, Any]) -> dict[str, str]:
    overall, id_check = result["overall"], result["idCheck"]
    rows = {
        "overall": f"{overall['status']}, confidence {overall['confidence']}, "
        f"risk {overall['riskLevel']}",
        "reasons": ", ".join(result["reasonCodes"]) or "none",
    }
    if id_check:
        rows["ID number"] = f"{id_check['status']}, expires {id_check['expiryDate'] or 'unknown'}"
        score = id_check["nameMatchScore"]
        rows["name match"] = "not compared" if score is None else str(score)
    return rows


def _exit_code(verification: Verification) -> int:
    if verification.decision:
        return EXIT_CODES.get(Decision(verification.decision), NOT_APPROVED)
    return NOT_APPROVED if verification.error else NO_VERDICT_YET
