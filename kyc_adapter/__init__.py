"""The service as a whole: settings, routes, checks, the worker."""

from __future__ import annotations

import gc

# While everything is imported, nothing becomes garbage, and looking for it takes a quarter of
# the time a process needs to start. `apps` lets the collector begin.
gc.disable()
