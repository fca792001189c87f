"""How the API's libraries are set up; nothing here comes from the environment."""

from __future__ import annotations

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.permissions.IsTenant"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.SizedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "kyc_adapter.errors.ErrorHandler",
    "EXCEPTION_FORMATTER_CLASS": "kyc_adapter.errors.ErrorFormatter",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KYC adapter",
    "DESCRIPTION": "One API for identity verification in front of many providers.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kyc_adapter.openapi.document_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "VerificationStatus": "verifications.models.Status",
        "DecisionEnum": "verifications.models.Decision",
        "OverallStatus": "verifications.api.serializers.OVERALL_STATUSES",
        "RiskLevel": "verifications.api.serializers.LEVELS",
        "DocumentCheck": "verifications.api.serializers.DOCUMENT_CHECKS",
        "FaceCheck": "verifications.api.serializers.FACE_CHECKS",
        "IdStatus": "verifications.api.serializers.ID_STATUSES",
        "ServiceState": "kyc_adapter.health.STATES",
        "WebhookDeliveryStatus": "webhooks.models.DeliveryStatus",
    },
}
