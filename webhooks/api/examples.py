"""Examples in the API's documentation."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

CREATE_ENDPOINT = [
    OpenApiExample(
        "How every verification ends, without personal data",
        request_only=True,
        value={"url": "https://hooks.bank.example/kyc"},
    ),
    OpenApiExample(
        "Progress too, and the result",
        request_only=True,
        value={
            "url": "https://hooks.bank.example/kyc",
            "events": [
                "verification.step.completed",
                "verification.completed",
                "verification.failed",
            ],
            "includeResult": True,
        },
    ),
]
