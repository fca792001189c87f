"""Re-encrypt everything with the newest key of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.sealing import SealBroken
from kyc_adapter.key_rotation import Progress, rotate_everything


class Command(BaseCommand):
    help = (
        "Re-encrypt all sealed columns and pictures with the first key of FIELD_ENCRYPTION_KEYS. "
        "Put the new key in front, restart everything, run this, then drop the old key. Also "
        "renews the fingerprints after a change of SECRET_KEY."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        latest: dict[str, Progress] = {}
        try:
            for progress in rotate_everything():
                if progress.name not in latest and latest:
                    self.stdout.write("")
                latest[progress.name] = progress
                self.stdout.write(
                    f"\r{progress.name:50} {progress.seen:>9} seen {progress.changed:>9} renewed",
                    ending="",
                )
        except SealBroken as error:
            self.stdout.write("")
            raise CommandError(f"{error}. Put the missing key at the end of the list") from None
        self.stdout.write("\nDone. Every value is sealed with the newest key.")
