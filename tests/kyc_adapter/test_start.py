"""How a process starts."""

from __future__ import annotations

import gc
import importlib

from django.apps import apps

import kyc_adapter


def test_no_garbage_is_looked_for_until_everything_is_imported():
    try:
        importlib.reload(kyc_adapter)
        assert not gc.isenabled()
        frozen = gc.get_freeze_count()
        later = [[] for _ in range(1000)]

        apps.get_app_config("kyc_adapter").ready()

        assert gc.isenabled()
        assert gc.get_freeze_count() >= frozen + len(later)
    finally:
        gc.enable()
