"""How a secret that is looked up, and never shown again, is stored."""

from __future__ import annotations

import hashlib


def secret_hash(secret: str) -> str:
    """Our secrets are random, so a plain SHA-256 tells as little as a slow hash, and finds fast."""
    return hashlib.sha256(secret.encode()).hexdigest()
