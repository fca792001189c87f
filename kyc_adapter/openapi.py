"""Adds the one error shape to every operation of the schema."""

from __future__ import annotations

from typing import Any

PROBLEM = {
    "type": "object",
    "required": [
        "success",
        "statusCode",
        "error",
        "message",
        "timestamp",
        "path",
        "method",
        "requestId",
        "code",
        "suggestedAction",
        "retryable",
    ],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "statusCode": {"type": "integer"},
        "error": {"type": "string", "description": "reason phrase"},
        "message": {
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": "an array for validation errors",
        },
        "details": {"type": "object", "additionalProperties": True},
        "timestamp": {"type": "string", "format": "date-time"},
        "path": {"type": "string"},
        "method": {"type": "string"},
        "requestId": {"type": "string"},
        "code": {"type": "string", "description": "stable, for machines"},
        "suggestedAction": {"type": "string"},
        "retryable": {"type": "boolean"},
    },
}
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def document_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A drf-spectacular postprocessing hook."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "Any failure",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                operation["responses"].setdefault("default", answer)
    return result
