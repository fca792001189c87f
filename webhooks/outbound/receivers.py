"""Who is being sent to: so many at once to one receiver, and one alone if it is slow."""

from __future__ import annotations

from collections import Counter

from django.conf import settings


class Receivers:
    """What the threads of one worker send to, by `WebhookDelivery.receiver`."""

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()
        self._slow: set[str] = set()

    def admit(self, receiver: str) -> bool:
        """Count one more to this receiver, unless it has its share."""
        if self._busy[receiver] >= self._share(receiver):
            return False
        self._busy[receiver] += 1
        return True

    def leave(self, receiver: str, *, was_slow: bool) -> None:
        self._busy[receiver] -= 1
        if not self._busy[receiver]:
            del self._busy[receiver]
        (self._slow.add if was_slow else self._slow.discard)(receiver)

    def full(self) -> list[str]:
        return [name for name, count in self._busy.items() if count >= self._share(name)]

    def _share(self, receiver: str) -> int:
        return 1 if receiver in self._slow else settings.WEBHOOK_THREADS_PER_RECEIVER
