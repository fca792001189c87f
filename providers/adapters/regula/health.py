"""Whether the services answer, and whether their licences hold.

`readyz` says it by its status; `healthz` adds facts. A slow answer is no proof of an outage: each
worker of the service handles one request at a time, and a health call queues behind documents.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from providers.adapters.regula.client import Service
from providers.adapters.regula.mapping_health import service_facts
from providers.errors import ProviderError
from providers.types import Health, Json, JsonObject

SERVICE_NAMES = {"documentReader": "Document Reader", "faceSdk": "Face SDK"}
READY_DETAILS: dict[int, str] = {
    HTTPStatus.OK: "ready",
    HTTPStatus.BAD_REQUEST: "licence missing or expired",
    HTTPStatus.UNAUTHORIZED: "credentials refused",
    HTTPStatus.FORBIDDEN: "credentials refused",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "credentials refused",
    HTTPStatus.NOT_FOUND: "no Regula service at this address",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One service. detail: for an operator. is_reachable: it answered, whatever the answer was."""

    service: str
    is_ready: bool
    detail: str
    latency_ms: int
    facts: JsonObject = field(default_factory=dict)
    is_reachable: bool = True


def health_of(services: Mapping[str, Service]) -> Health:
    """Every service, with version, licence date and scenarios in `facts` by service."""
    return _health([_probe(name, service, _facts) for name, service in services.items()])


def licence_of(services: Mapping[str, Service]) -> Health:
    """Every service's word on our credentials and its licence."""
    return _health([_probe(name, service, _no_facts) for name, service in services.items()])


def _probe(name: str, service: Service, facts: Callable[[Service], JsonObject]) -> Probe:
    started = time.monotonic()
    try:
        status = service.readyz()
    except ProviderError as error:
        return Probe(name, False, error.message, _elapsed_ms(started), is_reachable=False)
    is_ready = status == HTTPStatus.OK
    detail = READY_DETAILS.get(status, f"HTTP {status}")
    found = facts(service)
    return Probe(name, is_ready, detail, _elapsed_ms(started), found)


def _facts(service: Service) -> JsonObject:
    """None of them matters enough to call a ready service ill."""
    try:
        return service_facts(service.healthz())
    except ProviderError:
        return {}


def _no_facts(service: Service) -> JsonObject:
    return {}


def _health(probes: list[Probe]) -> Health:
    facts: dict[str, Json] = {probe.service: probe.facts for probe in probes if probe.facts}
    dates = [str(probe.facts["licenceValidUntil"]) for probe in probes if _has_date(probe)]
    if dates:
        facts["licenceValidUntil"] = min(dates)
    return Health(
        is_healthy=all(probe.is_ready for probe in probes),
        detail="; ".join(f"{SERVICE_NAMES[probe.service]}: {probe.detail}" for probe in probes),
        latency_ms=max(probe.latency_ms for probe in probes),
        facts=facts,
        is_reachable=all(probe.is_reachable for probe in probes),
    )


def _has_date(probe: Probe) -> bool:
    return "licenceValidUntil" in probe.facts


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
