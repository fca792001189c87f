"""Every setting, from the environment (or a `.env` file); `.env.example` lists them all.

An empty value means unset. Wrong or missing values are reported by `kyc_adapter.checks`, which
stop the start with a message; only what cannot even be read is refused here.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    return str(env.str(name, default="")).strip() or default


def number(name: str, default: float) -> float:
    given = text(name, str(default))
    try:
        return float(given)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {given!r}; set it to a number") from None


def whole(name: str, default: int) -> int:
    given = text(name, str(default))
    try:
        return int(given)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {given!r}; set it to a whole number") from None


def boolean(name: str, default: bool) -> bool:
    return text(name, str(default)).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def numbers(name: str, default: str) -> list[float]:
    try:
        return [float(word) for word in words(name, default)]
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be numbers separated by commas") from None


def encryption_keys(values: list[str]) -> list[bytes]:
    """Keys that are 32 bytes in base64; malformed ones are dropped here and reported by a check."""
    keys = []
    for value in values:
        try:
            key = base64.urlsafe_b64decode(value)
        except (binascii.Error, ValueError):
            continue
        if len(key) == 32:
            keys.append(key)
    return keys


# --- What kind of installation this is ---------------------------------------------------------
ENVIRONMENT = text("ENVIRONMENT", "local")
IS_PRODUCTION = ENVIRONMENT == "production"
DEBUG = boolean("DEBUG", False)
SECRET_KEY = text("SECRET_KEY", "" if IS_PRODUCTION else "local-only-" + "k" * 50)
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "" if IS_PRODUCTION else "localhost,127.0.0.1,[::1]")
FIELD_ENCRYPTION_KEYS_GIVEN = words("FIELD_ENCRYPTION_KEYS")
FIELD_ENCRYPTION_KEYS = encryption_keys(FIELD_ENCRYPTION_KEYS_GIVEN)

# --- Applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "channels",
    "django_q",
    "kyc_adapter",
    "providers",
    "tenants",
    "templates_sync",
    "verifications",
]
MIDDLEWARE = [
    "kyc_adapter.middleware.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "kyc_adapter.urls"
ASGI_APPLICATION = "kyc_adapter.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
# On a developer's machine files are served from where they lie, without collectstatic.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not IS_PRODUCTION
APPEND_SLASH = False

# --- Database: SQLite next door, or PostgreSQL by DATABASE_URL ---------------------------------
DATABASE_URL = text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'kyc.sqlite3'}")
DATABASE_POOL_SIZE = whole("DATABASE_POOL_SIZE", 10)


def database(url: str) -> dict[str, Any]:
    """Django's settings for one database, with what each engine needs to bear our load."""
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if not config.get("ENGINE"):
        raise ImproperlyConfigured(
            "DATABASE_URL is not understood; set postgres://user:password@host:5432/name, "
            "sqlite:////path/file.sqlite3, or nothing"
        )
    if "sqlite" in config["ENGINE"]:
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # Without IMMEDIATE most concurrent read-then-write transactions fail at once.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config["CONN_MAX_AGE"] = 0
        config["OPTIONS"] = {"pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}}
    return config


DATABASES = {"default": database(DATABASE_URL)}

# --- Redis and the queue -----------------------------------------------------------------------
REDIS_URL = text("REDIS_URL")
QUEUE_BROKER = text("QUEUE_BROKER", "orm")
QUEUE_WORKERS = whole("QUEUE_WORKERS", 2)
Q_CLUSTER: dict[str, Any] = {
    "name": "kyc",
    "workers": QUEUE_WORKERS,
    "queue_limit": QUEUE_WORKERS,
    "bulk": 1,
    "timeout": 120,
    # A task that outlives `retry` would run twice.
    "retry": 1200,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "poll": 0.2,
    "catch_up": False,
    "log_level": "WARNING",
    "ALT_CLUSTERS": {},
    **({"redis": REDIS_URL} if QUEUE_BROKER == "redis" else {"orm": "default"}),
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- Pictures ----------------------------------------------------------------------------------
EVIDENCE_DIR = Path(text("EVIDENCE_DIR", str(BASE_DIR / "var" / "evidence")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": EVIDENCE_DIR,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
MAX_BODY_BYTES = whole("MAX_BODY_MB", 20) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# --- Browsers ----------------------------------------------------------------------------------
CORS_ALLOWED_ORIGINS = words("CORS_ORIGINS", "http://localhost:3000")
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "content-type",
    "authorization",
    "prefer",
    "x-api-key",
    "x-admin-api-key",
    "x-correlation-id",
    "x-requested-with",
    "x-tenant-id",
]
CORS_EXPOSE_HEADERS = ["x-correlation-id", "location"]
WEBSOCKET_ORIGINS = words("WEBSOCKET_CORS_ORIGIN", "http://localhost:3000")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if boolean("TRUST_PROXY", False) else None
)

# --- API ---------------------------------------------------------------------------------------
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
        "OverallStatus": "verifications.api.serializers.OVERALL_STATUSES",
        "RiskLevel": "verifications.api.serializers.LEVELS",
        "DocumentCheck": "verifications.api.serializers.DOCUMENT_CHECKS",
        "FaceCheck": "verifications.api.serializers.FACE_CHECKS",
        "IdStatus": "verifications.api.serializers.ID_STATUSES",
        "ServiceState": "kyc_adapter.health.STATES",
    },
}

# --- Providers: defaults for an installation with one IDMeta account ---------------------------
PROVIDER_API_URL = text("PROVIDER_API_URL")
PROVIDER_API_KEY = text("PROVIDER_API_KEY")
PROVIDER_COMPANY_ID = text("PROVIDER_COMPANY_ID")

# --- Timing of the workflow, in seconds --------------------------------------------------------
STEP_TIMEOUT = number("STEP_TIMEOUT_SECONDS", 30)
CONNECT_TIMEOUT = number("CONNECT_TIMEOUT_SECONDS", 3.05)
STEP_TRIES = whole("STEP_TRIES", 3)
STEP_SETTLES_AFTER = number("STEP_SETTLES_AFTER_SECONDS", 90)
STEP_BACKOFF = number("STEP_BACKOFF_SECONDS", 0.5)
LEASE = number("LEASE_SECONDS", 45)
SYNC_DEADLINE = number("SYNC_DEADLINE_SECONDS", 28)
SYNC_THREADS = whole("SYNC_THREADS", 64)
RESCHEDULE_AFTER = numbers("RESCHEDULE_AFTER_SECONDS", "10,60,300")
ASK_AGAIN_AFTER = number("ASK_AGAIN_AFTER_SECONDS", 10)
WORKER_SLICE = number("WORKER_SLICE_SECONDS", 20)
WORKER_THREADS = whole("WORKER_THREADS", 64)
BREAKER_FAILURES = whole("BREAKER_FAILURES", 5)
BREAKER_RESET = number("BREAKER_RESET_SECONDS", 15)
EVIDENCE_RETENTION_DAYS = whole("EVIDENCE_RETENTION_DAYS", 0)
TEMPLATE_SYNC_HOURS = number("TEMPLATE_SYNC_HOURS", 24)

# --- Logs --------------------------------------------------------------------------------------
LOG_LEVEL = text("LOG_LEVEL", "INFO")
LOG_FORMAT = text("LOG_FORMAT", "json" if IS_PRODUCTION else "console")
LOGGING_CONFIG = "kyc_adapter.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
