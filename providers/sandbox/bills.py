"""The bill book: what a real vendor would have charged for."""

from __future__ import annotations

import itertools
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal

CURRENCY = "USD"
REGULA_PRICES = {"process": Decimal("0.25"), "match": Decimal("0.05")}  # invented


@dataclass(frozen=True)
class Bill:
    """One processed call. `amount` is a decimal text; `at` an ISO time in UTC.

    licensed_session: None for IDMeta. For Regula 1 for the first call of a tag at an endpoint
    and 0 (amount 0.00) for its repeats, because a tag joins calls into one licensed session
    (Regula documentation, "Transactions").
    """

    id: int
    provider: str
    account: str
    kind: str
    reference: str
    amount: str
    currency: str
    correlation_id: str | None
    at: str
    licensed_session: int | None


class BillBook:
    """Every processed call in the order in which it was processed, whether answered or not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bills: list[Bill] = []
        self._ids = itertools.count(1)

    def charge_idmeta(
        self, *, account: str, kind: str, reference: str, price: Decimal, correlation_id: str | None
    ) -> None:
        with self._lock:
            self._write("idmeta", account, kind, reference, price, correlation_id, None)

    def charge_regula(
        self, *, account: str, kind: str, tag: str, correlation_id: str | None
    ) -> None:
        with self._lock:
            repeated = bool(tag) and any(
                (bill.provider, bill.kind, bill.reference) == ("regula", kind, tag)
                for bill in self._bills
            )
            price = Decimal("0.00") if repeated else REGULA_PRICES[kind]
            self._write("regula", account, kind, tag, price, correlation_id, 0 if repeated else 1)

    def _write(
        self, provider: str, account: str, kind: str, reference: str, price: Decimal,
        correlation_id: str | None, licensed_session: int | None,
    ) -> None:  # fmt: skip
        now = datetime.now(UTC).isoformat()
        self._bills.append(
            Bill(next(self._ids), provider, account, kind, reference, f"{price:.2f}", CURRENCY,
                 correlation_id, now, licensed_session)
        )  # fmt: skip

    def as_json(self, provider: str | None = None) -> list[dict[str, object]]:
        with self._lock:
            return [asdict(bill) for bill in self._bills if provider in (None, bill.provider)]

    def clear(self) -> None:
        with self._lock:
            self._bills.clear()
