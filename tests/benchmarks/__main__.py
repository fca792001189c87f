"""Runs every measurement, or those named: `python -m tests.benchmarks [NAME ...]`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

WORK = tempfile.TemporaryDirectory(prefix="kyc-bench-")
os.environ["TESTS_FOLDER"] = WORK.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{WORK.name}/bench.sqlite3")
os.environ["LOG_LEVEL"] = "ERROR"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.benchmarks import (  # noqa: E402
    accept_cost,
    accept_latency,
    adapter_cost,
    live_events,
    start_time,
    table_growth,
    template_sync,
    webhook_throughput,
    worker_throughput,
)

RESULTS = Path("var/benchmarks.json")
MEASUREMENTS = {
    "start_time": start_time.measure,
    "adapter_cost": adapter_cost.measure,
    "accept_cost": accept_cost.measure,
    "accept_latency": accept_latency.measure,
    "table_growth": table_growth.measure,
    "worker_throughput": worker_throughput.measure,
    "live_events": live_events.measure,
    "template_sync": template_sync.measure,
    "webhook_throughput": webhook_throughput.measure,
}


def main() -> None:
    call_command("migrate", verbosity=0)
    results = {}
    for name in sys.argv[1:] or MEASUREMENTS:
        results.update(MEASUREMENTS[name]())
    print(f"\n{'what':58} {'value':>10}  {'limit':>8}  ok")
    for name, (value, limit) in results.items():
        shown = "-" if limit is None else limit
        print(f"{name:58} {value:10.2f}  {shown:>8}  {verdict(value, limit)}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({name: value for name, (value, _) in results.items()}, indent=2))
    print(f"\nWritten to {RESULTS}")


def verdict(value: float, limit: float | None) -> str:
    if limit is None:
        return ""
    return "yes" if value <= limit else "NO"


with WORK:
    main()
