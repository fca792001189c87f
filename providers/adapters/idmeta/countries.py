"""Countries as ISO or ICAO alpha-3."""

from __future__ import annotations

import re

import pycountry


def alpha3(text: str) -> str:
    """The alpha-3 code of a country given as code or English name, "" for anything else."""
    if re.fullmatch(r"[A-Z]{3}", text):
        return text
    try:
        return str(pycountry.countries.lookup(text).alpha_3)
    except LookupError:
        return ""
