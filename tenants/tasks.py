"""What the queue runs. Every task may run twice, or not at all; the database decides."""

from __future__ import annotations

from tenants import tickets


def forget_spent_tickets() -> None:
    """Delete what only stopped tickets from being used twice, once they are too old to be used."""
    tickets.forget_spent_tickets()
