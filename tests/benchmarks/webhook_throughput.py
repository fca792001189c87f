"""Webhooks: how many one worker process sends, and how long one waits while a receiver is stuck."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from tenants.models import Tenant
from tenants.services import save_tenant
from verifications.events import EventType, record
from verifications.models import Verification
from webhooks.models import WebhookAttempt, WebhookDelivery
from webhooks.outbound import runner
from webhooks.outbound.endpoints import create_endpoint

RECEIVERS = 20
EVENTS = 100
PACED_EVENTS = 150
PACE_SECONDS = 0.02
STUCK_EVENTS = 500
# A running worker looks for what is due five times a second.
LIMIT_MS = 1000.0


def measure() -> dict[str, tuple[float, float | None]]:
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]
    settings.WEBHOOK_ALLOW_HTTP = True
    with receiver() as url:
        hosts = [url.replace("127.0.0.1", f"127.0.0.{n}") for n in range(1, RECEIVERS + 1)]
        verification = verification_of("Webhooks", hosts)
        rate = deliveries_a_second(verification)
        alone = delay_ms(verification_of("Webhooks, paced", [f"{url}/paced"]), "")
        stuck = f"{url.replace('127.0.0.1', '127.0.0.99')}/stuck"
        beside = delay_ms(verification_of("Webhooks, beside", [f"{url}/beside"]), stuck)
    return {
        "webhooks sent by one worker process, per second": (rate, None),
        "a webhook's wait in the queue, 95 %, ms": (alone, None),
        "the same with one receiver stuck, ms": (beside, LIMIT_MS),
    }


def verification_of(name: str, urls: list[str]) -> Verification:
    tenant = save_tenant(
        name=name,
        provider="regula",
        config={"docreader_url": "http://127.0.0.1:1/docreader"},
        credentials={},
    )
    for url in urls:
        create_endpoint(tenant=tenant, url=url)
    config = tenant.provider_configs.get()
    return Verification.objects.create(
        tenant=tenant,
        provider=config.provider,
        provider_account=config.provider_account,
        verification_type="document",
        verification_method="document",
        expires_at=now() + timedelta(hours=1),
    )


def happen(verification: Verification) -> None:
    with transaction.atomic():
        record(verification, EventType.COMPLETED, status="completed", decision="approved")


def deliveries_a_second(verification: Verification) -> float:
    for _ in range(EVENTS):
        happen(verification)
    started = time.perf_counter()
    while pending(verification.tenant).exists():
        runner.work_slice()
    return EVENTS * RECEIVERS / (time.perf_counter() - started)


def delay_ms(verification: Verification, stuck_url: str) -> float:
    """95th percentile from the event to the attempt; stuck_url: many wait for it already."""
    if stuck_url:
        stuck = verification_of("Webhooks, stuck", [stuck_url])
        for _ in range(STUCK_EVENTS):
            happen(stuck)
    worker = threading.Thread(target=work_until_sent, args=[verification.tenant])
    worker.start()
    for _ in range(PACED_EVENTS):
        happen(verification)
        time.sleep(PACE_SECONDS)
    while pending(verification.tenant).exists():
        time.sleep(PACE_SECONDS)
    if stuck_url:
        WebhookDelivery.objects.filter(tenant=stuck.tenant).delete()
    worker.join()
    rows = WebhookAttempt.objects.filter(delivery__tenant=verification.tenant)
    waits = sorted(
        (started - created).total_seconds() * 1000
        for started, created in rows.values_list("started_at", "delivery__created_at")
    )
    return waits[int(len(waits) * 0.95)]


def work_until_sent(tenant: Tenant) -> None:
    """As the queue does: one slice after the other, woken within a fifth of a second."""
    sent = WebhookDelivery.objects.filter(tenant=tenant, status="delivered")
    while sent.count() < PACED_EVENTS:
        runner.work_slice()
        time.sleep(0.1)
    connections.close_all()


def pending(tenant: Tenant) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(tenant=tenant, status="pending")


@contextmanager
def receiver() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.webhook_receiver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=10)
