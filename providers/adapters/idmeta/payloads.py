"""What a step sends: its fields, and its pictures as file parts or as base64 text.

Source: IDMeta API reference and IDMeta's Flutter SDK, read 2026.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from providers.adapters.idmeta import names
from providers.adapters.idmeta.config import TenantOptions
from providers.adapters.idmeta.id_inputs import IdCheck, Input
from providers.errors import SessionUnknown, TemplateUnknown
from providers.http import FilePart
from providers.id_types import FULL_NAME
from providers.types import Image, Json, JsonObject, SessionRef, StepInput

PNG_START = b"\x89PNG"
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture under the name of its field."""

    field: str
    image: Image

    def as_part(self) -> tuple[str, FilePart]:
        extension = EXTENSIONS.get(self.image.mime_type, "bin")
        name = f"{self.field}.{extension}"
        return self.field, (name, self.image.data, self.image.mime_type)

    def as_base64(self) -> str:
        return base64.b64encode(self.image.data).decode()

    def as_data_uri(self) -> str:
        return f"data:{self.image.mime_type};base64,{self.as_base64()}"


def session_ids(session: SessionRef) -> dict[str, str]:
    """The ids every v1 call carries, as text. Raises if the session has none."""
    if session.template_id is None:
        raise TemplateUnknown("The verification names no IDMeta template")
    if session.external_id is None:
        raise SessionUnknown("The verification was never opened at IDMeta")
    return {"template_id": session.template_id, "verification_id": session.external_id}


def session_ids_v3(session: SessionRef) -> dict[str, str]:
    """The same ids under v3's names, in both spellings its pages use."""
    ids = session_ids(session)
    template_id, verification_id = ids["template_id"], ids["verification_id"]
    return {
        "trustFlowId": template_id,
        "trustValidationId": verification_id,
        "trust_flow_id": template_id,
        "trust_validation_id": verification_id,
    }


def portrait_image(portrait: bytes) -> Image:
    """A face cut out by the document step, which comes as JPEG or PNG."""
    is_png = portrait.startswith(PNG_START)
    return Image(portrait, "image/png" if is_png else "image/jpeg")


def watchlist_search(given: StepInput, options: TenantOptions) -> JsonObject | None:
    """What the watchlists are searched for; None if no name is known.

    The lists and the threshold are sent only where the tenant sets them: IDMeta otherwise takes
    the template's.
    """
    name = names.best_known(given.subject, given.document)
    if not name:
        return None
    search: JsonObject = {"name": name}
    if birth := given.subject.get("dateOfBirth") or given.document.get("dateOfBirth"):
        search["dob"] = birth
    sex = given.subject.get("gender") or given.document.get("sex") or ""
    if gender := GENDERS.get(sex.casefold()):
        search["gender"] = gender
    return search | _watchlist_options(options)


def registry_fields(check: IdCheck, given: StepInput, options: TenantOptions) -> JsonObject:
    """The inputs of an ID check under the vendor's names; what was not given is left out.

    Where there are several ways to search, only the inputs of one are sent. Inside an object, what
    was not given is null, as IDMeta shows it.
    """
    known = {FULL_NAME: names.composed(given.subject), **given.subject}
    known = {name: value.strip() for name, value in known.items() if value.strip()}
    fields: JsonObject = {}
    objects: dict[str, JsonObject] = {}
    for wanted in check.taken(known):
        value = _written(wanted, known.get(wanted.field.name), options)
        for name in wanted.sent_as:
            holder, dot, key = name.partition(".")
            if dot:
                objects.setdefault(holder, {})[key] = value
            elif value is not None:
                fields[name] = value
    return {**fields, **objects}


def _written(wanted: Input, value: str | None, options: TenantOptions) -> str | None:
    if value is not None and wanted.is_local_date and options.puts_day_first:
        return "-".join(reversed(value.split("-")))
    return value


def _watchlist_options(options: TenantOptions) -> JsonObject:
    lists: Mapping[str, tuple[str, ...]] = {
        "datasets": options.aml_datasets,
        "countries": options.aml_countries,
    }
    chosen: JsonObject = {}
    for key, codes in lists.items():
        if codes:
            values: list[Json] = [*codes]
            chosen[key] = values
    if options.aml_threshold is not None:
        chosen["threshold"] = options.aml_threshold
    return chosen
