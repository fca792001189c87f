"""Examples in the API's documentation."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

CREATE = [
    OpenApiExample(
        "A passport",
        request_only=True,
        value={
            "verificationType": "document",
            "documentImages": {"front": "data:image/jpeg;base64,/9j/4AAQSkZJRg..."},
        },
    ),
    OpenApiExample(
        "A card with both sides and a selfie",
        request_only=True,
        value={
            "verificationType": "comprehensive",
            "documentImages": {
                "front": "/9j/4AAQSkZJRg...",
                "back": "/9j/4AAQSkZJRg...",
                "selfie": "/9j/4AAQSkZJRg...",
            },
            "expectedCountries": ["PH"],
            "minimumConfidence": 70,
            "metadata": {"sessionId": "s-1"},
        },
    ),
]

VERIFY_BY_ID = [
    OpenApiExample(
        "An NBI clearance, and whose it should be",
        request_only=True,
        value={
            "verificationType": "philippines_nbi_clearance",
            "idNumber": "H000AAAA00-AA00000000",
            "userData": {"firstName": "Mayumi", "lastName": "Halimbawa"},
        },
    ),
    OpenApiExample(
        "A PRC licence, searched by name",
        request_only=True,
        value={
            "verificationType": "philippines_prc",
            "userData": {
                "profession": "NURSE",
                "firstName": "Mayumi",
                "lastName": "Halimbawa",
            },
        },
    ),
]
