"""Payloads and a connected adapter. One payload per condition; the people are invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from providers.account_settings import split_settings
from providers.adapters.regula import config, mapping, mapping_face
from providers.adapters.regula.adapter import RegulaAdapter
from providers.http import HttpLimits
from providers.types import Image, ImageRole, SessionRef, StepInput, StepResult

PAYLOADS = Path(__file__).parent / "payloads"
READER = "http://reader.test:8080"
FACE = "http://face.test:41101"
TODAY = date(2026, 11, 24)
REFERENCE = "0193f2a0-7c1e-7000-8000-000000000001"


@pytest.fixture
def load() -> Callable[[str], Any]:
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def read(load) -> Callable[..., StepResult]:
    """What the adapter makes of a Document Reader answer."""

    def run(name: str, today: date = TODAY, **options: Any) -> StepResult:
        wanted = config.TenantOptions.read(options)
        return mapping.document_result(load(name), wanted, scenario="FullAuth", today=today)

    return run


@pytest.fixture
def compare(load) -> Callable[..., StepResult]:
    """What the adapter makes of a Face SDK answer."""
    return lambda name, **options: mapping_face.face_result(
        load(name), config.TenantOptions.read(options)
    )


@pytest.fixture
def connect() -> Callable[..., RegulaAdapter]:
    """An adapter connected with an operator's settings; None leaves a setting out."""

    def run(credentials: dict[str, str] | None = None, **settings: Any) -> RegulaAdapter:
        given = {"docreader_url": READER, "face_url": FACE, **settings}
        split = split_settings(RegulaAdapter.settings, given, credentials or {})
        limits = HttpLimits(correlation_id=lambda: "corr-1")
        return RegulaAdapter.connect(split.account, limits)

    return run


@pytest.fixture
def adapter(connect) -> RegulaAdapter:
    return connect()


@pytest.fixture
def session() -> SessionRef:
    return SessionRef(REFERENCE, external_id=None, template_id=None)


@pytest.fixture
def given() -> StepInput:
    return StepInput(
        images={
            ImageRole.FRONT: Image(b"front picture", "image/jpeg"),
            ImageRole.SELFIE: Image(b"selfie picture", "image/png"),
        }
    )
