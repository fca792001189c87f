"""The service's settings, with times that tests can wait for."""

from __future__ import annotations

import base64
import os
import tempfile

os.environ.setdefault(
    "FIELD_ENCRYPTION_KEYS", base64.urlsafe_b64encode(b"tests only, never for real data!").decode()
)
os.environ.setdefault("EVIDENCE_DIR", tempfile.mkdtemp(prefix="kyc-evidence-"))
os.environ.setdefault("STEP_TIMEOUT_SECONDS", "10")
os.environ.setdefault("STEP_BACKOFF_SECONDS", "0.01")
os.environ.setdefault("LEASE_SECONDS", "15")
os.environ.setdefault("STEP_SETTLES_AFTER_SECONDS", "0")
os.environ.setdefault("ASK_AGAIN_AFTER_SECONDS", "0.1")
os.environ.setdefault("RESCHEDULE_AFTER_SECONDS", "0.1,0.1,0.1")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from kyc_adapter.settings import *  # noqa: F403

# Threads and subprocesses of a test need the same database: a file, not memory.
if "sqlite" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": str(Path(tempfile.mkdtemp(prefix="kyc-tests-")) / "kyc.sqlite3")  # noqa: F405
    }
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
