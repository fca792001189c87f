"""The Indonesian registry.

Source: IDMeta API reference, "Government data", read 2026. Its pages write dates in two ways; the
tenant's `dukcapil_date_format` decides. Examples are invented.
"""

from __future__ import annotations

from providers.adapters.idmeta.id_inputs import IdCheck, Input, birth_date, needed, number

_PERSON = (
    number("NIK", "nik", pattern=r"\d{16}", example="3200000000000001"),
    needed("fullName", "Full name", "name", example="BUDI CONTOH"),
    Input(birth_date().field, ("date_of_birth",), is_local_date=True),
)

INDONESIA = (
    IdCheck("dukcapil", "Dukcapil", "ID", "/v1/verification/dukcapil", _PERSON),
    IdCheck(
        "dukcapil_facematch",
        "Dukcapil with face",
        "ID",
        "/v1/verification/dukcapilfacematch",
        _PERSON,
        needs_selfie=True,
    ),
    IdCheck(
        "dukcapil_full",
        "Dukcapil full",
        "ID",
        "/v3/verifications/indonesia/dukcapil-full",
        (*_PERSON, needed("gender", "Gender", "gender", example="male")),
        speaks_v3=True,
    ),
)
