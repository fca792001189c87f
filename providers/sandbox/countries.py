"""Country names and codes for the codes in machine-readable zones (ICAO Doc 9303, part 3)."""

from __future__ import annotations

from dataclasses import dataclass

import pycountry

ICAO_ONLY = {"D": "DEU"}  # Germany has a one-letter code in machine-readable zones


@dataclass(frozen=True)
class Country:
    """Codes are empty where ISO 3166 has none, as for Utopia."""

    name: str
    alpha3: str
    alpha2: str = ""
    numeric: str = ""


UTOPIA = Country("Utopia", "UTO")


def country(code: str) -> Country | None:
    if code == UTOPIA.alpha3:
        return UTOPIA
    found = pycountry.countries.get(alpha_3=ICAO_ONLY.get(code, code))
    if found is None:
        return None
    return Country(found.name, found.alpha_3, found.alpha_2, found.numeric)
