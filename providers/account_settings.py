"""Settings of a provider account: which keys an adapter takes, and what their values may be.

An operator gives `--config KEY=VALUE` and `--credential KEY=VALUE`; the adapter's table says which
keys exist and whether a value belongs to the account (shared by every tenant on it) or to the
tenant's own use of the provider. Nothing here knows Django or a vendor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from providers.types import Json

TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})


class SettingError(ValueError):
    """A setting is missing, unknown or malformed; the message says which and how to fix it."""


class Scope(StrEnum):
    ACCOUNT = "account"
    TENANT = "tenant"
    CREDENTIAL = "credential"


class Kind(StrEnum):
    TEXT = "text"
    URL = "url"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key an operator may give. choices: the only values allowed, if any.

    tells_apart: another value means another account; false for what only says how the vendor calls
    us, which changes the account there is (decision 0013).
    """

    name: str
    scope: Scope
    help: str
    kind: Kind = Kind.TEXT
    is_required: bool = False
    default: Json = None
    choices: tuple[str, ...] = ()
    tells_apart: bool = True

    def parse(self, value: object) -> Json:
        """The typed value of what an operator wrote. Raises SettingError."""
        if self.kind is Kind.BOOLEAN:
            return self._boolean(value)
        if self.kind is Kind.NUMBER:
            return self._number(value)
        text = str(value).strip()
        if self.kind is Kind.URL:
            return self._url(text)
        if self.choices and text not in self.choices:
            raise SettingError(f"{self.name} must be one of {', '.join(self.choices)}")
        return text

    def _boolean(self, value: object) -> bool:
        word = str(value).strip().lower()
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
        raise SettingError(f"{self.name} must be true or false")

    def _number(self, value: object) -> float:
        try:
            number = float(str(value))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise SettingError(f"{self.name} must be a number")
        return number

    def _url(self, text: str) -> str:
        if not _is_base_address(text):
            raise SettingError(
                f"{self.name} must be an http or https address without a user name, query or "
                "fragment in it"
            )
        return text.rstrip("/")


def _is_base_address(text: str) -> bool:
    """Whether a path can be appended to it as it is."""
    if not text.isprintable() or any(character in text for character in " ?#"):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # parsed only now
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What an adapter is built from. credentials never show in repr."""

    config: Mapping[str, Json]
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """A text setting, "" if unset."""
        return str(self.config.get(name) or "")


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """An operator's input, checked and sorted by scope."""

    account: AccountSettings
    tenant: dict[str, Json]


def split_settings(
    settings: tuple[Setting, ...], config: Mapping[str, object], credentials: Mapping[str, str]
) -> SplitSettings:
    """Check an operator's input against an adapter's table and sort it by scope.

    An empty value means unset. Raises SettingError naming the first wrong, unknown or missing key.
    """
    known = {setting.name: setting for setting in settings}
    given = {**_checked(known, config, credential=False)}
    secret = {**_checked(known, credentials, credential=True)}
    for setting in settings:
        present = secret if setting.scope is Scope.CREDENTIAL else given
        if setting.is_required and setting.name not in present:
            option = "--credential" if setting.scope is Scope.CREDENTIAL else "--config"
            raise SettingError(
                f"{setting.name} is missing: give {option} {setting.name}=... ({setting.help})"
            )
    return SplitSettings(
        account=AccountSettings(
            config=_scope(known, given, Scope.ACCOUNT),
            credentials={name: str(value) for name, value in secret.items()},
        ),
        tenant=_scope(known, given, Scope.TENANT),
    )


def _checked(
    known: Mapping[str, Setting], values: Mapping[str, object], *, credential: bool
) -> dict[str, Json]:
    checked: dict[str, Json] = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        setting = known.get(name)
        if setting is None or (setting.scope is Scope.CREDENTIAL) is not credential:
            allowed = sorted(
                name for name, s in known.items() if (s.scope is Scope.CREDENTIAL) is credential
            )
            raise SettingError(f"{name} is not a setting here; known are: {', '.join(allowed)}")
        checked[name] = setting.parse(value)
    return checked


def _scope(
    known: Mapping[str, Setting], values: Mapping[str, Json], scope: Scope
) -> dict[str, Json]:
    return {name: value for name, value in values.items() if known[name].scope is scope}
