"""How the provider accounts are: reachable, credentials accepted, licence dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from common.sealing import SealBroken
from providers.account_settings import SettingError
from providers.models import ProviderAccount
from providers.services import adapter_for
from providers.types import Health, Json, JsonObject


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """services: what they say of themselves. credentials: what they say of ours."""

    account: ProviderAccount
    services: Health
    credentials: Health

    @property
    def is_healthy(self) -> bool:
        return self.services.is_healthy and self.credentials.is_healthy

    @property
    def is_reachable(self) -> bool:
        return self.services.is_reachable

    @property
    def has_valid_credentials(self) -> bool | None:
        """None as long as nobody answers who could tell."""
        return self.credentials.is_healthy if self.is_reachable else None

    @property
    def detail(self) -> str:
        """What is wrong, or what the provider says about itself."""
        wrong = [
            health.detail for health in (self.services, self.credentials) if not health.is_healthy
        ]
        return "; ".join(dict.fromkeys(wrong)) or self.services.detail

    @property
    def licence_until(self) -> Json:
        """As the provider writes it; None if it does not say."""
        return self.services.facts.get("licenceValidUntil")

    @property
    def latency_ms(self) -> int | None:
        return self.services.latency_ms

    def to_json(self) -> JsonObject:
        return {
            "provider": self.account.provider.slug,
            "account": str(self.account.pk),
            "healthy": self.is_healthy,
            "reachable": self.is_reachable,
            "credentialsValid": self.has_valid_credentials,
            "licenceValidUntil": self.licence_until,
            "latencyMs": self.latency_ms,
            "detail": self.detail,
            "facts": dict(self.services.facts),
        }


def account_healths(slug: str | None = None) -> Iterator[AccountHealth]:
    """Each account, of one provider or of all, asked as it is reached."""
    accounts = ProviderAccount.objects.select_related("provider").order_by("provider__slug", "id")
    for account in accounts.filter(provider__slug=slug) if slug else accounts:
        yield _health_of(account)


def _health_of(account: ProviderAccount) -> AccountHealth:
    try:
        adapter = adapter_for(account)
    except SealBroken:
        problem = "The credentials cannot be decrypted: FIELD_ENCRYPTION_KEYS changed"
    except SettingError as error:
        problem = str(error)
    else:
        return AccountHealth(account, adapter.health(), adapter.check_credentials())
    not_asked = Health(False, problem, is_reachable=False)
    return AccountHealth(account, not_asked, not_asked)
