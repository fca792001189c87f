"""Text (36) and lexical analysis (15), the same fields in two containers.

Source: DocumentReader-web-openapi, rt36 and rt15.
"""

from __future__ import annotations

from providers.sandbox.calls import JsonObject
from providers.sandbox.reading.fields import Source
from providers.sandbox.reading.page import NOWHERE
from providers.sandbox.regula import numbers
from providers.sandbox.regula.numbers import Check, rolled_up
from providers.sandbox.regula.text import SOURCE_ORDER, Entry, TextField, Texts

# Columns of the lexical matrix: validity by source, then comparison by pair.
VALIDITY_COLUMN = {Source.MRZ: 0, Source.VISUAL: 2, Source.BARCODE: 3}
COMPARISON_COLUMN = {
    frozenset({Source.MRZ, Source.VISUAL}): 5,
    frozenset({Source.MRZ, Source.BARCODE}): 6,
    frozenset({Source.VISUAL, Source.BARCODE}): 8,
}
VERIFIED, NOT_VERIFIED, MATCH, MISMATCH = 1, 2, 3, 4
LEXICAL_NAMES = {
    Source.MRZ: "Field_MRZ", Source.VISUAL: "Field_Visual", Source.BARCODE: "Field_Barcode",
}  # fmt: skip


def text_body(texts: Texts) -> JsonObject:
    """The payload of container 36."""
    return {
        "status": texts.status,
        "validityStatus": rolled_up(f.validity for f in texts.fields),
        "comparisonStatus": rolled_up(f.comparison for f in texts.fields),
        "dateFormat": texts.date_format,
        "availableSourceList": [
            {"containerType": numbers.CONTAINER_OF[source], "source": source,
             "validityStatus": validity}
            for source, validity in texts.sources.items()
        ],
        "fieldList": [_field_body(text_field) for text_field in texts.fields],
    }  # fmt: skip


def lexical_body(texts: Texts) -> JsonObject:
    """The payload of container 15, the older twin of 36."""
    maps = [_lexical_map(text_field) for text_field in texts.fields]
    return {"Count": len(maps), "pFieldMaps": maps, "pDateFormat": texts.date_format}


def _field_body(text_field: TextField) -> JsonObject:
    first = text_field.entries[0]
    validities = {entry.source: entry.validity for entry in reversed(text_field.entries)
                  if entry.validity is not Check.NOT_DONE}  # fmt: skip
    return {
        "fieldType": text_field.number,
        "fieldName": text_field.name,
        "lcid": 0,
        "status": text_field.status,
        "validityStatus": text_field.validity,
        "comparisonStatus": text_field.comparison,
        "value": first.text,
        "valueList": [_value_body(entry) for entry in text_field.entries],
        "validityList": [
            {"source": source, "status": validities[source]}
            for source in SOURCE_ORDER if source in validities
        ],
        "comparisonList": [
            {"sourceLeft": left.source, "sourceRight": right.source, "status": result}
            for left, right, result in text_field.comparisons
        ],
    }  # fmt: skip


def _value_body(entry: Entry) -> JsonObject:
    body: JsonObject = {
        "containerType": numbers.CONTAINER_OF[entry.source],
        "source": entry.source,
        "value": entry.text,
        "originalValue": entry.printed,
        "originalValidity": entry.validity,
        "pageIndex": entry.page_index,
        "probability": entry.probability,
    }
    if entry.rect != NOWHERE:
        body["fieldRect"] = dict(zip(("left", "top", "right", "bottom"), entry.rect, strict=True))
    return body


def _lexical_map(text_field: TextField) -> JsonObject:
    matrix = [0] * 10
    body: JsonObject = {"wFieldType": text_field.number, "wLCID": 0, "Matrix": matrix}
    for entry in reversed(text_field.entries):
        body[LEXICAL_NAMES[entry.source]] = entry.text
        verified = entry.validity is Check.OK
        matrix[VALIDITY_COLUMN[entry.source]] = VERIFIED if verified else NOT_VERIFIED
    for left, right, result in text_field.comparisons:
        column = COMPARISON_COLUMN[frozenset({left.source, right.source})]
        matrix[column] = MATCH if result is Check.OK else MISMATCH
    return body
