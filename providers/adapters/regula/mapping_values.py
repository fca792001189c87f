"""Dates, countries and sex in one notation, whatever the server's locale."""

from __future__ import annotations

import re
import time
from datetime import date

import pycountry

# `Text.dateFormat` of servers seen in different locales, as Python's patterns.
DATE_PATTERNS = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "yyyy/MM/dd": "%Y/%m/%d",
    "dd.MM.yyyy": "%d.%m.%Y",
    "d.M.yyyy": "%d.%m.%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "d/M/yyyy": "%d/%m/%Y",
    "MM/dd/yyyy": "%m/%d/%Y",
    "M/d/yyyy": "%m/%d/%Y",
    "dd-MM-yyyy": "%d-%m-%Y",
}
ISO = DATE_PATTERNS["yyyy-MM-dd"]
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

# ICAO Doc 9303 part 3 codes without an ISO 3166 twin; they are kept as they are.
ICAO_ONLY = frozenset(
    {"GBD", "GBN", "GBO", "GBP", "GBS", "UNO", "UNA", "UNK"}
    | {"XXA", "XXB", "XXC", "XXX", "EUE", "RKS", "UTO"}
)
GERMANY_ON_DOCUMENTS = "D"
UNSPECIFIED_SEX = "X"


def iso_date(value: str, date_format: str = "") -> str | None:
    """YYYY-MM-DD, or None if the date is incomplete or could be read in two ways.

    date_format: the server's pattern such as `M/d/yyyy`; believed only if the value fits it.
    """
    parsed = _by_pattern(value, ISO) or _by_pattern(value, DATE_PATTERNS.get(date_format, ISO))
    if parsed is None and (match := DOTTED.fullmatch(value)):
        parsed = _date(match[3], match[2], match[1])
    if parsed is None and (match := SLASHED.fullmatch(value)):
        parsed = _slashed(match[1], match[2], match[3])
    return parsed.isoformat() if parsed else None


def _by_pattern(value: str, pattern: str) -> date | None:
    try:
        return date(*time.strptime(value, pattern)[:3])
    except ValueError:
        return None


def _slashed(first: str, second: str, year: str) -> date | None:
    """Slashes are month first in one country and day first in the next."""
    month_first, day_first = _date(year, first, second), _date(year, second, first)
    if month_first and day_first and month_first != day_first:
        return None
    return month_first or day_first


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def alpha3(code: str) -> str | None:
    """An ICAO or ISO alpha-3 code from what stands on a document or from an alpha-2 code."""
    letters = code.replace("<", "").strip().upper()
    if letters == GERMANY_ON_DOCUMENTS:
        return "DEU"
    if len(letters) == 2:
        country = pycountry.countries.get(alpha_2=letters)
        return str(country.alpha_3) if country else None
    return letters if len(letters) == 3 and letters.isalpha() else None


def sex(value: str) -> str:
    """F, M, or X for unspecified, as ICAO Doc 9303 writes them in print."""
    letter = value.upper()
    return letter if letter in {"F", "M"} else UNSPECIFIED_SEX


def age_on(today: date, birth: str) -> int:
    """Full years. birth: YYYY-MM-DD."""
    born = date.fromisoformat(birth)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
