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
    """reachable: whether the services answer. credentials: whether they accept ours."""

    account: ProviderAccount
    reachable: Health
    credentials: Health

    @property
    def is_healthy(self) -> bool:
        return self.reachable.is_healthy and self.credentials.is_healthy

    @property
    def detail(self) -> str:
        """What is wrong, or what the provider says about itself."""
        wrong = [
            health.detail for health in (self.reachable, self.credentials) if not health.is_healthy
        ]
        return "; ".join(dict.fromkeys(wrong)) or self.reachable.detail

    @property
    def licence_until(self) -> Json:
        """As the provider writes it; None if it does not say."""
        return self.reachable.facts.get("licenceValidUntil")

    @property
    def latency_ms(self) -> int | None:
        return self.reachable.latency_ms

    def to_json(self) -> JsonObject:
        return {
            "provider": self.account.provider.slug,
            "account": str(self.account.pk),
            "healthy": self.is_healthy,
            "reachable": self.reachable.is_healthy,
            "credentialsValid": self.credentials.is_healthy,
            "licenceValidUntil": self.licence_until,
            "latencyMs": self.latency_ms,
            "detail": self.detail,
            "facts": dict(self.reachable.facts),
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
        broken = Health(False, "The credentials cannot be decrypted: FIELD_ENCRYPTION_KEYS changed")
    except SettingError as error:
        broken = Health(False, str(error))
    else:
        return AccountHealth(account, adapter.health(), adapter.check_credentials())
    return AccountHealth(account, broken, broken)
