"""The sandbox's IDMeta accounts: invented tokens, companies, Trust Flows and plan prices.

Plan ids and codes, and the first nine templates of the demo account, are those seen in public
captures of one tenant (kyc-adapter-client, src/constants/templates.ts); the rest is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Plan:
    """A kind of check: its id and code at IDMeta, and the price of one call."""

    id: int
    code: str
    label: str
    rate: Decimal


@dataclass(frozen=True)
class Template:
    """A Trust Flow: the ids of its plans are its steps, in order."""

    id: int
    name: str
    plan_ids: tuple[int, ...]
    is_multi_side: bool = False

    @property
    def workflow_id(self) -> str:
        """24 characters, as IDMeta's are."""
        return f"SbxWorkflow{self.id:013}"


@dataclass(frozen=True)
class Account:
    """A company with one API token of Laravel Sanctum's form: number, `|`, 48 characters."""

    name: str
    token: str
    company_id: int
    user_id: int
    templates: tuple[Template, ...]
    has_v3: bool = True
    is_suspended: bool = False

    def all_templates(self, count: int) -> Iterator[Template]:
        """The account's own templates, newest first, padded with generated ones to `count`."""
        yield from self.templates
        for number in range(1, count - len(self.templates) + 1):
            yield generated_template(number)

    def template(self, template_id: str, count: int) -> Template | None:
        own = {str(template.id): template for template in self.templates}
        number = int(template_id) - FIRST_GENERATED_ID if template_id.isdecimal() else 0
        if 0 < number <= count - len(self.templates):
            return generated_template(number)
        return own.get(template_id)


FIRST_GENERATED_ID = 100_000
FIRST_REGISTRY_PLAN_ID = 201  # of the registries outside the Philippines
PLANS = tuple(
    Plan(plan_id, code, label, Decimal(rate))
    for plan_id, code, label, rate in (
        (161, "custom_document", "Custom Document", "0.20"),
        (162, "biometrics_verification", "Biometrics Verification", "0.15"),
        (163, "biometrics_face_compare", "Biometrics Face Compare", "0.10"),
        (164, "scan_qr", "PhilSys Check", "0.30"),
        (165, "aml", "AML", "0.40"),
        (166, "document_verification", "Document Verification", "0.50"),
        (167, "philippines_driving_license", "Philippines Driving License", "0.25"),
        (168, "philippines_prc", "Philippines PRC", "0.25"),
        (169, "philippines_national_police", "Philippines National Police", "0.25"),
        (170, "philippines_nbi_clearance", "Philippines NBI Clearance", "0.25"),
        (171, "philippines_social_security", "Philippines Social Security", "0.25"),
        (172, "biometrics_registration", "Biometrics Registration", "0.10"),
        (201, "dukcapil", "Dukcapil", "0.20"),
        (202, "dukcapil_facematch", "Dukcapil Facematch", "0.30"),
        (203, "dukcapil_full", "Dukcapil Full", "0.30"),
        (211, "australia_passport", "Australia Passport", "0.60"),
        (212, "australia_driver_license", "Australia Driver License", "0.60"),
        (213, "australia_medicare_card", "Australia Medicare Card", "0.60"),
        (214, "australia_centrelink_card", "Australia Centrelink Card", "0.60"),
        (215, "australia_immigration", "Australia Immigration", "0.60"),
        (216, "australia_visa", "Australia Visa", "0.60"),
        (217, "australia_aec", "Australia AEC", "0.60"),
        (218, "australia_asic_misc", "Australia ASIC MSIC", "0.60"),
        (219, "australia_birth_certificate", "Australia Birth Certificate", "0.60"),
        (220, "australia_death_certificate", "Australia Death Certificate", "0.60"),
        (221, "australia_citizenship_certificate", "Australia Citizenship Certificate", "0.60"),
        (222, "australia_change_of_name_certificate", "Australia Change of Name", "0.60"),
        (223, "australia_marriage_certificate", "Australia Marriage Certificate", "0.60"),
    )
)
PLANS_BY_ID = {plan.id: plan for plan in PLANS}
PLANS_BY_CODE = {plan.code: plan for plan in PLANS}

DEMO = Account(
    name="demo",
    token="1|SandboxDemoTokenNotASecret0000000000000000000001",  # noqa: S106 invented
    company_id=21,
    user_id=58,
    templates=(
        Template(967, "Custom Document (Sandbox)", (161,)),
        Template(966, "Full KYC (Sandbox)", (166, 162, 163, 165)),
        Template(965, "AML (Sandbox)", (165,)),
        Template(964, "SSS (Sandbox)", (171,)),
        Template(963, "Police Clearance (Sandbox)", (169,)),
        Template(962, "PRC License (Sandbox)", (168,)),
        Template(961, "LTO License (Sandbox)", (167,)),
        Template(960, "NBI Clearance (Sandbox)", (170,)),
        Template(950, "Philsys (Test 2)", (164,)),
        Template(839, "One Foreign ID (Test)", (166, 162)),
        Template(838, "Philsys (Test)", (164,)),
        Template(837, "Two Philippine IDs (Test)", (166, 162), is_multi_side=True),
        Template(456, "Untitled 21/03/2025", (166, 162, 163)),
        Template(426, "Two Philippine IDs", (166, 162), is_multi_side=True),
        Template(425, "Philsys", (164,)),
        Template(424, "One Foreign ID", (166, 162)),
        Template(306, "First Philippine ID", (166,)),
    ),
)
SECOND = Account(
    name="second",
    token="2|SandboxDemoTokenNotASecret0000000000000000000002",  # noqa: S106 invented
    company_id=22,
    user_id=61,
    templates=(
        Template(1202, "Selfie only", (162,)),
        Template(1201, "Passport and selfie", (166, 163)),
    ),
)
V1_ONLY = Account(
    name="v1-only",
    token="3|SandboxDemoTokenNotASecret0000000000000000000003",  # noqa: S106 invented
    company_id=23,
    user_id=64,
    templates=(Template(1301, "Document and liveness", (166, 162)),),
    has_v3=False,
)
SUSPENDED = Account(
    name="suspended",
    token="4|SandboxDemoTokenNotASecret0000000000000000000004",  # noqa: S106 invented
    company_id=24,
    user_id=67,
    templates=(Template(1401, "Document", (166,)),),
    is_suspended=True,
)
REGISTRIES = Account(
    name="registries",
    token="5|SandboxDemoTokenNotASecret0000000000000000000005",  # noqa: S106 invented
    company_id=25,
    user_id=70,
    templates=tuple(
        Template(1300 + plan.id, f"{plan.label} (Sandbox)", (plan.id,))
        for plan in reversed(PLANS)
        if plan.id >= FIRST_REGISTRY_PLAN_ID
    ),
)
ACCOUNTS = {account.token: account for account in (DEMO, SECOND, V1_ONLY, SUSPENDED, REGISTRIES)}


def generated_template(number: int) -> Template:
    """One of up to 10,000 made-up templates; each third one has another set of plans."""
    plan_ids = ((166,), (166, 162), (166, 162, 163))[number % 3]
    return Template(FIRST_GENERATED_ID + number, f"Generated {number:05}", plan_ids)
