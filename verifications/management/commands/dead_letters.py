"""List the dead letters, and run them again."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.console import table
from common.retry_options import add_retry_options
from verifications import dead_letters
from verifications.models import Session
from verifications.transitions import TransitionNotAllowed

HEADER = ("verification", "tenant", "provider", "error", "dead since", "message")


class Command(BaseCommand):
    help = (
        "List the verifications that ended for a technical reason with nobody waiting for them, "
        "or run them again: each goes on where it stopped, and no step is sent twice. Exit code 1 "
        "if one of --retry cannot be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_retry_options(parser, again="run")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["retry"] and not options["all"]:
            self._list(options["json"])
            return
        given = options["retry"]
        letters = list(dead_letters.dead_letters())
        if given:
            letters = [one for one in letters if one.verification_id in given]
        requeued = [one.verification_id for one in letters if _runs_again(one)]
        self._report(requeued, options["json"])
        if left := [str(wanted) for wanted in given or () if wanted not in requeued]:
            raise CommandError(f"No dead letters: {', '.join(left)}")

    def _list(self, as_json: bool) -> None:
        letters = dead_letters.dead_letters()
        if as_json:
            self.stdout.write(json.dumps([_entry(one) for one in letters], indent=2))
        elif letters:
            self.stdout.write(table(HEADER, [_row(one) for one in letters]))
        else:
            self.stdout.write("There are no dead letters")

    def _report(self, requeued: list[UUID], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"requeued": [str(one) for one in requeued]}))
        else:
            self.stdout.write("".join(f"{one} runs again\n" for one in requeued), ending="")


def _runs_again(letter: Session) -> bool:
    """False if somebody else was faster."""
    try:
        dead_letters.run_again(letter.verification)
    except TransitionNotAllowed:
        return False
    return True


def _entry(letter: Session) -> dict[str, Any]:
    verification = letter.verification
    return {
        "verificationId": str(verification.pk),
        "tenantId": str(verification.tenant_id),
        "tenant": verification.tenant.name,
        "provider": verification.provider.slug,
        "deadAt": letter.dead_at.isoformat() if letter.dead_at else None,
        "error": verification.error,
    }


def _row(letter: Session) -> list[object]:
    verification = letter.verification
    error = verification.error or {}
    return [
        verification.pk,
        verification.tenant.name,
        verification.provider.slug,
        error.get("code", ""),
        f"{letter.dead_at:%Y-%m-%d %H:%M:%S}",
        error.get("message", ""),
    ]
