"""How long the web process needs until it can serve."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 5


def measure() -> dict[str, tuple[float, float | None]]:
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import kyc_adapter.asgi"], check=True)
        seconds.append(time.perf_counter() - started)
    return {"import and start of the web process, s (median)": (statistics.median(seconds), 3.0)}
