"""The service's settings, with times that tests can wait for."""

from __future__ import annotations

import base64
import os
import tempfile

os.environ.setdefault(
    "FIELD_ENCRYPTION_KEYS", base64.urlsafe_b64encode(b"tests only, never for real data!").decode()
)
# One for all processes of a run; the one that began it deletes it.
if "TESTS_FOLDER" not in os.environ:
    os.environ["TESTS_FOLDER"] = tempfile.mkdtemp(prefix="kyc-tests-")
os.environ.setdefault("EVIDENCE_DIR", f"{os.environ['TESTS_FOLDER']}/evidence")
os.environ.setdefault("STEP_BACKOFF_SECONDS", "0.01")
os.environ.setdefault("STEP_SETTLES_AFTER_SECONDS", "0")
os.environ.setdefault("ASK_AGAIN_AFTER_SECONDS", "0.1")
os.environ.setdefault("RESCHEDULE_AFTER_SECONDS", "0.1,0.1,0.1")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from kyc_adapter.settings import *  # noqa: F403

database = DATABASES["default"]  # noqa: F405
# Rows that a power cut may lose: nothing here is kept, so nothing waits for the disk.
if "sqlite" in database["ENGINE"]:
    # Threads and subprocesses of a test need the same database: a file, not memory.
    database["TEST"] = {"NAME": f"{os.environ['TESTS_FOLDER']}/kyc.sqlite3"}
    database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    database["OPTIONS"]["options"] = "-c synchronous_commit=off"
INSTALLED_APPS += ["tests"]  # noqa: F405  # for its own `flush`
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
