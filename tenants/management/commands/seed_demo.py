"""Two demo tenants on the sandbox, one for each provider, with new keys."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from providers.registry import ADAPTERS
from providers.sandbox.idmeta.accounts import DEMO
from providers.services import ensure_provider
from tenants.services import issue_key, revoke_keys, save_tenant

KEY_NAME = "demo key"
# The sandbox's Trust Flows: document; document, liveness and face compare; document and liveness.
TEMPLATES = {"document": "306", "comprehensive": "456", "biometric": "424"}


class Command(BaseCommand):
    help = (
        "Make or renew the demo: providers, a Regula tenant and an IDMeta tenant on the sandbox, "
        "and new API keys; the old demo keys are revoked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sandbox", default="http://127.0.0.1:9100", metavar="URL")
        parser.add_argument("--json", action="store_true", help='print {"regula", "idmeta"}: keys')

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for slug in ADAPTERS:
            ensure_provider(slug)
        sandbox = options["sandbox"].rstrip("/")
        keys = {
            "regula": _demo_key(
                "Demo bank (Regula)",
                "regula",
                config={
                    "docreader_url": f"{sandbox}/docreader",
                    "face_url": f"{sandbox}/face",
                    "accept_specimens": "true",
                },
                credentials={},
            ),
            "idmeta": _demo_key(
                "Demo wallet (IDMeta)",
                "idmeta",
                config={
                    "base_url": f"{sandbox}/idmeta/api",
                    **{f"default_template_id_{name}": id_ for name, id_ in TEMPLATES.items()},
                },
                credentials={"api_token": DEMO.token},
            ),
        }
        if options["json"]:
            self.stdout.write(json.dumps(keys))
            return
        for slug, key in keys.items():
            self.stdout.write(f"{slug:8} {key}")


def _demo_key(
    name: str, provider: str, *, config: dict[str, str], credentials: dict[str, str]
) -> str:
    tenant = save_tenant(name=name, provider=provider, config=config, credentials=credentials)
    revoke_keys(tenant=tenant, name=KEY_NAME)
    return issue_key(tenant=tenant, name=KEY_NAME).plain
