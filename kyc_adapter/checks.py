"""Settings that are missing or wrong stop the start, with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from common.outgoing_urls import unusable_networks

# What every process needs; a worker runs no other checks, which load what serves the web.
SETTINGS_TAG = "settings"
NEW_KEY = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


@register(SETTINGS_TAG)
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        *_unusable(),
        *_environment(),
        *_encryption_keys(),
        *_queue(),
        *_timing(),
        *_evidence_directory(),
        *_webhooks(),
    ]


def _unusable() -> Iterator[CheckMessage]:
    """What could not even be read; the defaults that stand in serve nobody."""
    for problem in settings.UNUSABLE_SETTINGS:
        yield Error(problem.message, hint=problem.hint, id="kyc.E009")


def _environment() -> Iterator[CheckMessage]:
    if settings.ENVIRONMENT not in {"local", "production"}:
        yield Error(
            f"ENVIRONMENT is {settings.ENVIRONMENT!r}",
            hint="Set ENVIRONMENT to local or production",
            id="kyc.E001",
        )
    if not settings.IS_PRODUCTION:
        return
    if len(settings.SECRET_KEY) < 50:
        yield Error(
            "SECRET_KEY is missing or shorter than 50 characters",
            hint="Set SECRET_KEY to a long random text, the same on every machine",
            id="kyc.E002",
        )
    if not settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is empty",
            hint="Set ALLOWED_HOSTS to the host names of this service, separated by commas",
            id="kyc.E003",
        )
    if settings.DEBUG:
        yield Error("DEBUG is on in production", hint="Set DEBUG=false", id="kyc.E004")


def _encryption_keys() -> Iterator[CheckMessage]:
    given = settings.FIELD_ENCRYPTION_KEYS_GIVEN
    if not given:
        yield Error("FIELD_ENCRYPTION_KEYS is empty", hint=f"Make one: {NEW_KEY}", id="kyc.E005")
    elif len(settings.FIELD_ENCRYPTION_KEYS) != len(given):
        yield Error(
            "FIELD_ENCRYPTION_KEYS holds a key that is not 32 bytes in urlsafe base64",
            hint=f"Separate keys by commas, newest first. Make one: {NEW_KEY}",
            id="kyc.E006",
        )


def _queue() -> Iterator[CheckMessage]:
    if settings.QUEUE_BROKER not in {"orm", "redis"}:
        yield Error(
            f"QUEUE_BROKER is {settings.QUEUE_BROKER!r}",
            hint="Set QUEUE_BROKER to orm or redis",
            id="kyc.E007",
        )
    if settings.QUEUE_BROKER == "redis" and not settings.REDIS_URL:
        yield Error(
            "QUEUE_BROKER is redis, but REDIS_URL is empty",
            hint="Set REDIS_URL, for example redis://127.0.0.1:6379/0, or QUEUE_BROKER=orm",
            id="kyc.E008",
        )


def _timing() -> Iterator[CheckMessage]:
    if settings.LEASE <= settings.STEP_TIMEOUT:
        yield Error(
            f"LEASE_SECONDS ({settings.LEASE}) is not longer than "
            f"STEP_TIMEOUT_SECONDS ({settings.STEP_TIMEOUT})",
            hint="A step could outlive its lease and run twice; make the lease longer",
            id="kyc.E010",
        )
    cluster = settings.Q_CLUSTER
    longest_end = max(settings.STEP_TIMEOUT + settings.LEASE, settings.WEBHOOK_LEASE)
    longest_task = settings.WORKER_SLICE + longest_end
    if cluster["timeout"] < longest_task or cluster["retry"] <= cluster["timeout"]:
        yield Error(
            "The queue would kill or repeat a task that is still running",
            hint=(
                "WORKER_SLICE_SECONDS + STEP_TIMEOUT_SECONDS + LEASE_SECONDS, and "
                "WORKER_SLICE_SECONDS + WEBHOOK_LEASE_SECONDS, must stay below "
                f"{cluster['timeout']} seconds"
            ),
            id="kyc.E011",
        )


def _evidence_directory() -> Iterator[CheckMessage]:
    directory = Path(settings.EVIDENCE_DIR)
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield Error(
            f"EVIDENCE_DIR {directory} is not a directory that can be written to",
            hint="Set EVIDENCE_DIR to a directory this service may write to",
            id="kyc.E012",
        )


def _webhooks() -> Iterator[CheckMessage]:
    if settings.WEBHOOK_ALLOW_HTTP and settings.IS_PRODUCTION:
        yield Error(
            "WEBHOOK_ALLOW_HTTP is true in production",
            hint="Set WEBHOOK_ALLOW_HTTP=false; results must not travel in clear",
            id="kyc.E013",
        )
    wrong = unusable_networks(settings.WEBHOOK_ALLOWED_CIDRS)
    if wrong:
        yield Error(
            f"WEBHOOK_ALLOWED_CIDRS holds {', '.join(wrong)}",
            hint="Set networks such as 10.20.0.0/16, separated by commas",
            id="kyc.E014",
        )
    # Names are looked up outside the time limit, which no resolver knows.
    if settings.WEBHOOK_LEASE < settings.WEBHOOK_TIMEOUT * 2:
        yield Error(
            f"WEBHOOK_LEASE_SECONDS ({settings.WEBHOOK_LEASE}) is shorter than twice "
            f"WEBHOOK_TIMEOUT_SECONDS ({settings.WEBHOOK_TIMEOUT})",
            hint="A delivery could outlive its lease and be sent twice; make the lease longer",
            id="kyc.E015",
        )
