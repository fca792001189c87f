"""Regula's 230 document types, in the six words of the unified result."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from providers.adapters.regula import config, mapping
from providers.adapters.regula.field_codes import DOCUMENT_TYPES

TODAY = date(2026, 11, 24)
WANTED = config.TenantOptions.read({})


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (11, "passport"),
        (13, "passport"),
        (14, "passport"),
        (27, "passport"),
        (204, "passport"),
        (12, "id_card"),
        (20, "id_card"),
        (172, "id_card"),
        (24, "residence_permit"),
        (173, "residence_permit"),
        (215, "residence_permit"),
        (29, "visa"),
        (30, "visa"),
        (178, "visa"),
        (49, "drivers_license"),
        (66, "drivers_license"),
        (171, "drivers_license"),
        (99, "other"),
        (242, "other"),
        (4711, "other"),
    ],
)
def test_document_type(load, number, word):
    body = copy.deepcopy(load("passed"))
    candidate = next(c for c in body["ContainerList"]["List"] if c["result_type"] == 9)
    candidate["OneCandidate"]["FDSIDList"]["dType"] = number
    result = mapping.document_result(body, WANTED, scenario="FullAuth", today=TODAY)
    assert result.document.extracted["documentType"] == word
    assert result.vendor["documentType"]["type"] == word


def test_no_number_has_two_meanings():
    numbers = [number for numbers in DOCUMENT_TYPES.values() for number in numbers]
    assert len(numbers) == len(set(numbers))
