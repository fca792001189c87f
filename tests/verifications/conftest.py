"""What tests of stored verifications need besides."""

from __future__ import annotations

import pytest


@pytest.fixture
def evidence_files(settings, tmp_path):
    """The files in a storage of the test's own."""
    storage = settings.STORAGES["evidence"]
    options = {**storage["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "evidence": {**storage, "OPTIONS": options}}
    return lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file())
