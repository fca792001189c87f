"""Why the local copy was not renewed."""

from __future__ import annotations


class SyncFailed(Exception):
    """Nothing was changed; the last good copy stands.

    code: stable, for machines. message: for operators, without personal data or vendor text.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SyncInProgress(SyncFailed):
    """Somebody else is syncing this account right now; no failure of the account."""

    def __init__(self) -> None:
        super().__init__("sync_in_progress", "This account is being synced already")
