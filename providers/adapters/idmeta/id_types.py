"""The registries IDMeta can ask. A new one is one entry in its country's table."""

from __future__ import annotations

from providers.adapters.idmeta.id_inputs import IdCheck
from providers.adapters.idmeta.id_types_australia import AUSTRALIA
from providers.adapters.idmeta.id_types_indonesia import INDONESIA
from providers.adapters.idmeta.id_types_philippines import PHILIPPINES
from providers.id_types import IdType

ID_CHECKS: dict[str, IdCheck] = {
    check.plan: check for check in (*PHILIPPINES, *INDONESIA, *AUSTRALIA)
}
"""By plan code."""

ID_TYPES: tuple[IdType, ...] = tuple(check.as_id_type() for check in ID_CHECKS.values())
