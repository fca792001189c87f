"""How long a first sync takes, and how much memory: `manage.py sync_templates` as it is."""

from __future__ import annotations

import json
import subprocess
import sys

import requests

from providers.sandbox.idmeta.accounts import SECOND
from tenants.services import save_tenant
from tests.benchmarks.adapter_cost import running_sandbox

LIMITS = {100: 5.0, 10_000: 60.0}
PEAK_LIMIT_MB = 300.0
PEAK = "VmHWM:"
# `manage.py`, and then the process's own peak; what the kernel tells the parent about a child
# includes the parent's memory.
COMMAND = f"""
import re, sys
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
print("{PEAK}", re.search(r"{PEAK}\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def measure() -> dict[str, tuple[float, float | None]]:
    results: dict[str, tuple[float, float | None]] = {}
    with running_sandbox() as url:
        for count, limit in LIMITS.items():
            requests.post(
                f"{url}/control/settings", json={"templates": count}, timeout=5
            ).raise_for_status()
            tenant = f"Syncs {count}"
            save_tenant(
                name=tenant,
                provider="idmeta",
                # An account of its own, so that every template is new.
                config={"base_url": f"{url}/idmeta/api", "company_id": str(count)},
                credentials={"api_token": SECOND.token},
            )
            seconds, peak_mb = sync(tenant, count)
            results[f"first sync of {count} templates, s"] = (seconds, limit)
            results[f"its peak memory ({count} templates), MB"] = (peak_mb, PEAK_LIMIT_MB)
            again, _ = sync(tenant, 0)
            results[f"the next sync of them ({count} templates), s"] = (again, limit)
    return results


def sync(tenant: str, added: int) -> tuple[float, float]:
    """Seconds of the sync as the command reports them, and its peak resident memory in MB."""
    command = [sys.executable, "-c", COMMAND, "sync_templates", "--tenant", tenant, "--json"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    entries, peak_kb = printed.rsplit(PEAK, 1)
    (report,) = json.loads(entries)
    if report["templates"]["added"] != added:
        raise RuntimeError(f"The benchmark's sync is not what it should be: {report}")
    return report["seconds"], int(peak_kb) / 1024
