"""What an operator may set for an IDMeta account, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from providers.account_settings import AccountSettings, Kind, Scope, Setting, SettingError
from providers.adapters.idmeta.id_types import ID_TYPES
from providers.types import Json

V1 = "v1"
V3 = "v3"
MULTIPART = "multipart"
ISO_DATE = "YYYY-MM-DD"
DAY_FIRST_DATE = "DD-MM-YYYY"

# Header names clients of IDMeta look for; IDMeta publishes none.
SIGNATURE_HEADERS = ("Idmeta-Signature", "X-Idmeta-Signature", "X-Webhook-Signature")


class FractionSetting(Setting):
    """A number from 0 to 1."""

    def parse(self, value: object) -> Json:
        number = self._number(value)
        if not 0 <= number <= 1:
            raise SettingError(f"{self.name} must be a number from 0 to 1")
        return number


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "base_url",
        Scope.ACCOUNT,
        "address of the API including /api, such as https://integrate.idmetagroup.com/api",
        kind=Kind.URL,
        is_required=True,
    ),
    Setting(
        "api_token",
        Scope.CREDENTIAL,
        "token from Profile > Settings > API Tokens in the IDMeta dashboard",
        is_required=True,
    ),
    Setting(
        "company_id",
        Scope.ACCOUNT,
        "the company the token should belong to; another one is reported in the log",
    ),
    Setting(
        "liveness_version",
        Scope.ACCOUNT,
        "v3 gives a verdict and falls back to v1 where the account has no v3; v1 never tries v3",
        default=V3,
        choices=(V1, V3),
    ),
    Setting(
        "enrolment_version",
        Scope.ACCOUNT,
        "v1 registers the face; v3 also screens it against the account's face watchlists",
        default=V1,
        choices=(V1, V3),
    ),
    Setting(
        "document_encoding",
        Scope.ACCOUNT,
        "how pictures travel on v1 calls: file parts, or base64 in JSON",
        default=MULTIPART,
        choices=(MULTIPART, "json"),
    ),
    Setting(
        "webhook_signature_headers",
        Scope.ACCOUNT,
        "comma-separated header names in which a webhook's signature may come",
        default=", ".join(SIGNATURE_HEADERS),
        tells_apart=False,
    ),
    Setting(
        "webhook_secret",
        Scope.CREDENTIAL,
        "webhook secret of the Trust Flows in the IDMeta dashboard; several, separated by spaces, "
        "where they have different ones",
        tells_apart=False,
    ),
    Setting(
        "webhook_secret_previous",
        Scope.CREDENTIAL,
        "webhook secrets used before, which still count; give it while you change to another one",
        tells_apart=False,
    ),
    Setting("default_template_id", Scope.TENANT, "template used where the request names none"),
    Setting(
        "default_template_id_document",
        Scope.TENANT,
        "template for document verifications where there is no default_template_id",
    ),
    Setting(
        "default_template_id_biometric",
        Scope.TENANT,
        "template for biometric verifications where there is no default_template_id",
    ),
    Setting(
        "default_template_id_comprehensive",
        Scope.TENANT,
        "template for comprehensive verifications where there is no default_template_id",
    ),
    *(
        Setting(
            f"default_template_id_{id_type.code}",
            Scope.TENANT,
            f"template for {id_type.name} checks; without it the smallest one that holds the check",
        )
        for id_type in ID_TYPES
    ),
    FractionSetting(
        "liveness_threshold",
        Scope.TENANT,
        "lowest probability, 0 to 1, that passes v1 liveness; without it only IDMeta decides",
        kind=Kind.NUMBER,
    ),
    Setting(
        "aml_datasets",
        Scope.TENANT,
        "comma-separated datasets to screen (PEP, SAN, RRE, INS, DD, POI, REL)",
    ),
    Setting("aml_countries", Scope.TENANT, "comma-separated ISO alpha-2 countries to screen"),
    Setting("aml_threshold", Scope.TENANT, "lowest match score, 0 to 100", kind=Kind.NUMBER),
    Setting(
        "dukcapil_date_format",
        Scope.TENANT,
        "how dates go to the Indonesian registry",
        default=ISO_DATE,
        choices=(ISO_DATE, DAY_FIRST_DATE),
    ),
)

DEFAULTS = {setting.name: str(setting.default or "") for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One IDMeta account. base_url has no trailing slash."""

    base_url: str
    api_token: str = field(repr=False)
    company_id: str
    prefers_v3_liveness: bool
    uses_v3_enrolment: bool
    sends_files: bool
    signature_headers: tuple[str, ...]

    @classmethod
    def read(cls, account: AccountSettings) -> Self:
        """Raises SettingError if the address or the token is missing, or the token has spaces."""
        token = account.credentials.get("api_token", "")
        if not account.text("base_url"):
            raise SettingError("base_url is missing: give --config base_url=...")
        if not token or any(character.isspace() for character in token):
            raise SettingError("api_token must be given, and without spaces or line breaks in it")
        return cls(
            base_url=account.text("base_url").rstrip("/"),
            api_token=token,
            company_id=account.text("company_id"),
            prefers_v3_liveness=_choice(account, "liveness_version") == V3,
            uses_v3_enrolment=_choice(account, "enrolment_version") == V3,
            sends_files=_choice(account, "document_encoding") == MULTIPART,
            signature_headers=_codes(_choice(account, "webhook_signature_headers")),
        )


@dataclass(frozen=True, slots=True)
class TenantOptions:
    """What one tenant sets. liveness_threshold: 0 to 1. aml_threshold: 0 to 100."""

    liveness_threshold: float | None = None
    aml_datasets: tuple[str, ...] = ()
    aml_countries: tuple[str, ...] = ()
    aml_threshold: float | None = None
    puts_day_first: bool = False

    @classmethod
    def read(cls, options: Mapping[str, Json]) -> Self:
        return cls(
            liveness_threshold=_number(options.get("liveness_threshold")),
            aml_datasets=_codes(str(options.get("aml_datasets") or "").upper()),
            aml_countries=_codes(str(options.get("aml_countries") or "").upper()),
            aml_threshold=_number(options.get("aml_threshold")),
            puts_day_first=options.get("dukcapil_date_format") == DAY_FIRST_DATE,
        )


def _choice(account: AccountSettings, name: str) -> str:
    return account.text(name) or DEFAULTS[name]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None
