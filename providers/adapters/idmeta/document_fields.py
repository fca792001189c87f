"""How the engine's document fields and classes are called in the unified result.

Source: BlinkID Verify API reference v2, fields and document classes, read 2026.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from providers.adapters.idmeta.countries import alpha3


class Keys(NamedTuple):
    """Where a field goes; native_key takes its value in the document's own script."""

    key: str
    native_key: str = ""


TEXT_FIELDS = {
    "FirstName": Keys("firstName", "nativeFirstName"),
    "MiddleName": Keys("middleName"),
    "LastName": Keys("lastName", "nativeLastName"),
    "FullName": Keys("fullName", "nativeFullName"),
    "Address": Keys("address"),
    "Sex": Keys("sex"),
    "PlaceOfBirth": Keys("placeOfBirth"),
    "Nationality": Keys("nationality"),
    "DocumentNumber": Keys("documentNumber"),
    "PersonalIdNumber": Keys("personalNumber"),
    "IssuingAuthority": Keys("authority"),
}

DATE_FIELDS = {
    "DateOfBirth": "dateOfBirth",
    "DateOfIssue": "issueDate",
    "DateOfExpiry": "expiryDate",
}

DOCUMENT_TYPES = {
    "passport": "passport",
    "alienpassport": "passport",
    "consularpassport": "passport",
    "minorspassport": "passport",
    "dl": "drivers_license",
    "driverslicense": "drivers_license",
    "driverslicence": "drivers_license",
    "professionaldl": "drivers_license",
    "dlpublicservicescard": "drivers_license",
    "id": "id_card",
    "idcard": "id_card",
    "alienid": "id_card",
    "consularid": "id_card",
    "militaryid": "id_card",
    "minorsid": "id_card",
    "multipurposeid": "id_card",
    "postalid": "id_card",
    "professionalid": "id_card",
    "residentid": "id_card",
    "voterid": "id_card",
    "passportcard": "id_card",
    "mykad": "id_card",
    "mykid": "id_card",
    "visa": "visa",
    "residencepermit": "residence_permit",
    "temporaryresidencepermit": "residence_permit",
    "greencard": "residence_permit",
    "mypr": "residence_permit",
    "healthinsurancecard": "other",
    "pancard": "other",
    "proofofagecard": "other",
    "socialsecuritycard": "other",
    "taxid": "other",
    "weaponpermit": "other",
    "workpermit": "other",
}

SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "x": "X"}


def document_type(name: str) -> str:
    """The unified type of a document class; "" if the engine or we do not know the class."""
    return DOCUMENT_TYPES.get(re.sub(r"[^a-z]", "", name.casefold()), "")


def tidy(read: dict[str, str]) -> dict[str, str]:
    """The unified spellings of sex and nationality, and only what was read."""
    if sex := read.get("sex"):
        read["sex"] = SEXES.get(sex.casefold(), sex)
    if nationality := read.get("nationality"):
        read["nationality"] = alpha3(nationality)
    return {key: value for key, value in read.items() if value}
