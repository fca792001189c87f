"""What the supervisor has its clusters execute."""

from __future__ import annotations


def beat() -> None:
    """Nothing: that it is executed, and acknowledged, is the sign of life."""
