"""Settings of a Regula account, and of a tenant's use of it.

Two self-hosted services, each with its own address and, if the operator's proxy asks for it, its
own way in: the services themselves do not authenticate callers (Regula, "Web service security").
There is no default address; the vendor's public demo servers are never used unless configured.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from providers.account_settings import AccountSettings, Kind, Scope, Setting, SettingError
from providers.errors import RequestRefused
from providers.http import Access
from providers.types import Json

CORRELATION_HEADER = "X-RequestID"
AUTH_CHOICES = ("none", "basic", "bearer", "header")
FULL_AUTH = "FullAuth"
FULL_PROCESS = "FullProcess"
OLDEST_AGE_YEARS = 150


def _access_settings(prefix: str, service: str, otherwise: str) -> tuple[Setting, ...]:
    """How to get past whatever stands in front of one service."""

    def config(name: str, text: str, choices: tuple[str, ...] = ()) -> Setting:
        return Setting(prefix + name, Scope.ACCOUNT, f"{text}{otherwise}", choices=choices)

    def credential(name: str, text: str) -> Setting:
        return Setting(prefix + name, Scope.CREDENTIAL, f"{text}{otherwise}")

    return (
        config("auth", f"how the proxy in front of {service} asks for credentials", AUTH_CHOICES),
        config("auth_header", "name of the header for auth=header"),
        config("ca_bundle", f"path of the CA bundle that signed {service}'s certificate"),
        config("client_certificate", "path of a PEM file with client certificate and key"),
        credential("username", "user name for auth=basic"),
        credential("password", "password for auth=basic"),
        credential("token", "token for auth=bearer"),
        credential("header_value", "value of the header for auth=header"),
    )


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "docreader_url",
        Scope.ACCOUNT,
        "address of the Document Reader Web API, without /api",
        Kind.URL,
        is_required=True,
    ),
    Setting(
        "face_url",
        Scope.ACCOUNT,
        "address of the Face SDK Web API, without /api; needed to compare faces",
        Kind.URL,
    ),
    *_access_settings("", "Document Reader", ""),
    *_access_settings("face_", "the Face SDK", " (unset: as for Document Reader)"),
    Setting(
        "scenario",
        Scope.TENANT,
        "what Document Reader runs; unset: FullAuth if the licence lists it, else FullProcess",
        choices=(FULL_AUTH, FULL_PROCESS),
    ),
    Setting(
        "face_threshold",
        Scope.TENANT,
        "similarity from which faces match, 0 to 1",
        Kind.NUMBER,
        default=0.75,
    ),
    Setting(
        "face_review_threshold",
        Scope.TENANT,
        "similarity from which a human decides instead of a rejection, 0 to 1",
        Kind.NUMBER,
        default=0.65,
    ),
    Setting(
        "accept_specimens",
        Scope.TENANT,
        "accept specimen documents; for tests only",
        Kind.BOOLEAN,
        default=False,
    ),
    Setting("minimum_age", Scope.TENANT, "youngest accepted holder, in years", Kind.NUMBER),
    Setting(
        "require_authenticity",
        Scope.TENANT,
        "send to review when the security features were not checked",
        Kind.BOOLEAN,
        default=False,
    ),
    Setting(
        "require_mrz",
        Scope.TENANT,
        "send to review when the machine readable zone was not checked",
        Kind.BOOLEAN,
        default=False,
    ),
)
DEFAULTS: dict[str, Json] = {
    setting.name: setting.default for setting in SETTINGS if setting.scope is Scope.TENANT
}


@dataclass(frozen=True, slots=True)
class TenantOptions:
    """What a tenant asks of a verification.

    scenario: None means the best one the licence covers. Thresholds are similarities, 0.0 to 1.0,
    face_review_threshold at most face_threshold. minimum_age: whole years.
    """

    scenario: str | None
    face_threshold: float
    face_review_threshold: float
    accepts_specimens: bool
    minimum_age: int | None
    requires_authenticity: bool
    requires_mrz: bool

    @classmethod
    def read(cls, options: Mapping[str, Json]) -> Self:
        """Raises RequestRefused naming the setting whose value is out of range."""
        values = {**DEFAULTS, **options}
        threshold = _number(values, "face_threshold", 1)
        review_threshold = _number(values, "face_review_threshold", 1)
        scenario = values["scenario"]
        return cls(
            scenario=str(scenario) if scenario else None,
            face_threshold=threshold,
            face_review_threshold=min(review_threshold, threshold),
            accepts_specimens=values["accept_specimens"] is True,
            minimum_age=(
                None
                if values["minimum_age"] is None
                else int(_number(values, "minimum_age", OLDEST_AGE_YEARS))
            ),
            requires_authenticity=values["require_authenticity"] is True,
            requires_mrz=values["require_mrz"] is True,
        )


def docreader_access(account: AccountSettings) -> Access:
    """Raises SettingError."""
    return _access(account, "docreader_url", "")


def face_access(account: AccountSettings) -> Access | None:
    """None without `face_url`. Raises SettingError."""
    return _access(account, "face_url", "face_") if account.text("face_url") else None


def _access(account: AccountSettings, url_name: str, prefix: str) -> Access:
    return Access(
        base_url=_base_url(account, url_name),
        headers=_auth_headers(account, prefix),
        verify=_file(account, prefix, "ca_bundle") or True,
        client_certificate=_file(account, prefix, "client_certificate"),
        correlation_header=CORRELATION_HEADER,
    )


def _base_url(account: AccountSettings, name: str) -> str:
    url = account.text(name).rstrip("/")
    if not url:
        raise SettingError(f"{name} is missing")
    if url.endswith("/api"):
        raise SettingError(f"{name} must be given without /api at its end")
    return url


def _auth_headers(account: AccountSettings, prefix: str) -> dict[str, str]:
    """The header that gets us past the proxy.

    Basic is built here because user names and passwords may hold any Unicode (RFC 7617, UTF-8).
    """

    def secret(name: str) -> str:
        return _secret(account, prefix, name)

    auth = account.text(f"{prefix}auth") or account.text("auth") or "none"
    if auth == "basic":
        pair = f"{secret('username')}:{secret('password')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    if auth == "bearer":
        return {"Authorization": f"Bearer {_header_text('token', secret('token'))}"}
    if auth == "header":
        header = account.text(f"{prefix}auth_header") or account.text("auth_header")
        if not header.replace("-", "").replace("_", "").isalnum() or not header.isascii():
            raise SettingError("auth_header must name an HTTP header for auth=header")
        return {header: _header_text("header_value", secret("header_value"))}
    return {}


def _secret(account: AccountSettings, prefix: str, name: str) -> str:
    value = account.credentials.get(prefix + name) or account.credentials.get(name)
    if not value:
        raise SettingError(f"{name} is missing: the chosen auth needs it as a credential")
    return value


def _header_text(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise SettingError(f"{name} must be printable ASCII, because it is sent as a header")
    return value


def _file(account: AccountSettings, prefix: str, name: str) -> str | None:
    path = account.text(prefix + name) or account.text(name)
    if path and not Path(path).exists():
        raise SettingError(f"{name}: there is no such file on this machine")
    return path or None


def _number(values: Mapping[str, Json], name: str, highest: float) -> float:
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise RequestRefused(f"The provider setting {name} must be between 0 and {highest:g}")
    return float(value)
