"""A stored verification, ready to be worked, without the API in front of it."""

from __future__ import annotations

import pytest

from common.images import inspect_image
from providers.types import ImageRole
from tests.verifications_support import PASSPORT
from verifications import services
from verifications.evidence_store import Picture
from verifications.models import RunMode, VerificationType
from verifications.requests import NewVerification


@pytest.fixture
def new_request(specimen):
    """A request for the passport, of any tenant."""

    def make(tenant, **more):
        data = specimen(PASSPORT)
        fields = {
            "mode": "live",
            "verification_type": VerificationType.DOCUMENT,
            "pictures": {ImageRole.FRONT: Picture(data, inspect_image(data))},
            "run_mode": RunMode.ASYNC,
            **more,
        }
        return NewVerification(tenant=tenant, **fields)

    return make


@pytest.fixture
def stored(new_request):
    """Store a verification of this tenant; nobody works on it yet."""
    return lambda tenant, **more: services.create(new_request(tenant, **more))


@pytest.fixture
def evidence_files(settings, tmp_path):
    """The files in a storage of the test's own."""
    storage = settings.STORAGES["evidence"]
    options = {**storage["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "evidence": {**storage, "OPTIONS": options}}
    return lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file())
