"""Every setting, from the environment (or a `.env` file); `.env.example` lists them all.

An empty value means unset. Wrong or missing values are reported by `kyc_adapter.checks`, which
stop the start with a message; nothing is refused here.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import environ

from kyc_adapter import api_settings
from kyc_adapter.environment import Environment, cache, encryption_keys

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
env = Environment(os.environ)

# --- What kind of installation this is ---------------------------------------------------------
ENVIRONMENT = env.text("ENVIRONMENT", "local")
IS_PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.boolean("DEBUG", False)
# Without one, production stops at the check; a stand-in too short for it keeps Django from raising
# before the check can speak.
_no_secret_key = secrets.token_hex(16) if IS_PRODUCTION else "local-only-" + "k" * 50
SECRET_KEY = env.text("SECRET_KEY", _no_secret_key)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if IS_PRODUCTION else "localhost,127.0.0.1,[::1]")
FIELD_ENCRYPTION_KEYS_GIVEN = env.words("FIELD_ENCRYPTION_KEYS")
FIELD_ENCRYPTION_KEYS = encryption_keys(FIELD_ENCRYPTION_KEYS_GIVEN)

# --- Applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Only runserver serves with it; in every other process it would be 15 MB for nothing.
    *(["daphne"] if "runserver" in sys.argv else []),
    # Without its looking for admin pages, which only the web process needs: see `urls`.
    "django.contrib.admin.apps.SimpleAdminConfig",
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
    "webhooks",
]
MIDDLEWARE = [
    "kyc_adapter.middleware.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kyc_adapter.middleware.StaticFiles",
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
DATABASE_POOL_SIZE = env.whole("DATABASE_POOL_SIZE", 10, least=1)
# Python runs one thread of a process at a time: more with a connection get in each other's way.
WORKER_DATABASE_POOL_SIZE = env.whole("WORKER_DATABASE_POOL_SIZE", 4, least=1)
DATABASE_PREPARED_STATEMENTS = env.boolean("DATABASE_PREPARED_STATEMENTS", True)
DATABASES = {
    "default": env.database(
        "DATABASE_URL",
        f"sqlite:///{BASE_DIR / 'var' / 'kyc.sqlite3'}",
        pool_size=DATABASE_POOL_SIZE,
        keeps_prepared=DATABASE_PREPARED_STATEMENTS,
    )
}

# --- Redis and the queue -----------------------------------------------------------------------
REDIS_URL = env.address("REDIS_URL", "redis", "rediss")
QUEUE_BROKER = env.text("QUEUE_BROKER", "orm")
QUEUE_WORKERS = env.whole("QUEUE_WORKERS", 2, least=1)
WEBHOOK_WORKERS = env.whole("WEBHOOK_WORKERS", 1, least=1)
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
    "guard_cycle": 0.5,
    # A queue of its own, so that slow receivers keep no verification waiting. Schedules are the
    # default queue's.
    "ALT_CLUSTERS": {
        "webhooks": {"workers": WEBHOOK_WORKERS, "queue_limit": WEBHOOK_WORKERS, "scheduler": False}
    },
    **(
        {"redis": REDIS_URL, "broker_class": "kyc_adapter.worker.brokers.RedisBroker"}
        if QUEUE_BROKER == "redis"
        else {"orm": "default", "broker_class": "kyc_adapter.worker.brokers.OrmBroker"}
    ),
}
CACHES = {"default": cache(REDIS_URL)}

# --- Pictures ----------------------------------------------------------------------------------
EVIDENCE_DIR = Path(env.text("EVIDENCE_DIR", str(BASE_DIR / "var" / "evidence")))
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
MAX_BODY_BYTES = env.whole("MAX_BODY_MB", 20, least=1) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# --- Browsers ----------------------------------------------------------------------------------
# A front end on the developer's own machine; production allows only what it is told.
LOCAL_ORIGIN = "" if IS_PRODUCTION else "http://localhost:3000"
CORS_ALLOWED_ORIGINS = env.origins("CORS_ORIGINS", LOCAL_ORIGIN)
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "content-type",
    "authorization",
    "if-none-match",
    "prefer",
    "x-api-key",
    "x-admin-api-key",
    "x-correlation-id",
    "x-requested-with",
    "x-tenant-id",
]
CORS_EXPOSE_HEADERS = ["x-correlation-id", "location", "etag", "preference-applied"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("TRUST_PROXY", False) else None
)

# --- Sockets -----------------------------------------------------------------------------------
# The channel layer only says that a log has grown. Without Redis sockets look for themselves.
SOCKET_PREFIX = "kyc"
CHANNEL_LAYERS: dict[str, Any] = (
    {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": SOCKET_PREFIX},
        }
    }
    if REDIS_URL
    else {}
)
WEBSOCKET_ORIGINS = env.origins("WEBSOCKET_CORS_ORIGIN", LOCAL_ORIGIN)
SOCKET_TAIL = env.number("SOCKET_TAIL_SECONDS", 0.5, least=0.05)
SOCKET_KEY_CHECK = env.number("SOCKET_KEY_CHECK_SECONDS", 30, least=0.1)
SOCKET_SUBSCRIPTIONS = env.whole("SOCKET_SUBSCRIPTIONS", 100, least=1)
SOCKET_MESSAGES_PER_SECOND = env.number("SOCKET_MESSAGES_PER_SECOND", 20, least=1)

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = api_settings.REST_FRAMEWORK
DRF_STANDARDIZED_ERRORS = api_settings.DRF_STANDARDIZED_ERRORS
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS

# --- Providers: defaults for an installation with one IDMeta account ---------------------------
PROVIDER_API_URL = env.address("PROVIDER_API_URL", "https", "http")
PROVIDER_API_KEY = env.text("PROVIDER_API_KEY")
PROVIDER_COMPANY_ID = env.text("PROVIDER_COMPANY_ID")

# --- Timing of the workflow, in seconds --------------------------------------------------------
STEP_TIMEOUT = env.number("STEP_TIMEOUT_SECONDS", 30, least=0.1)
CONNECT_TIMEOUT = env.number("CONNECT_TIMEOUT_SECONDS", 3.05, least=0.05)
STEP_TRIES = env.whole("STEP_TRIES", 3, least=1)
STEP_SETTLES_AFTER = env.number("STEP_SETTLES_AFTER_SECONDS", 90, least=0)
STEP_BACKOFF = env.number("STEP_BACKOFF_SECONDS", 0.5, least=0)
LEASE = env.number("LEASE_SECONDS", 45, least=0.2)
SYNC_DEADLINE = env.number("SYNC_DEADLINE_SECONDS", 28, least=0.1)
SYNC_THREADS = env.whole("SYNC_THREADS", 64, least=1)
REQUESTS_AT_ONCE = env.whole("REQUESTS_AT_ONCE", 128, least=1)
RESCHEDULE_AFTER = env.numbers("RESCHEDULE_AFTER_SECONDS", "10,60,300")
ASK_AGAIN_AFTER = env.number("ASK_AGAIN_AFTER_SECONDS", 10, least=0)
ASK_AGAIN_AT_MOST = env.number("ASK_AGAIN_AT_MOST_SECONDS", 600, least=0)
REVIEW_ASK_AGAIN_AT_MOST = env.number("REVIEW_ASK_AGAIN_AT_MOST_SECONDS", 21600, least=0)
REVIEW_ASK_AGAIN_DAYS = env.whole("REVIEW_ASK_AGAIN_DAYS", 30, least=1)
WORKER_SLICE = env.number("WORKER_SLICE_SECONDS", 20, least=0.1)
WORKER_THREADS = env.whole("WORKER_THREADS", 64, least=1)
WORKER_STOP = env.number("WORKER_STOP_SECONDS", 31, least=1)
HEARTBEAT = env.number("HEARTBEAT_SECONDS", 1, least=0.1)
HEARTBEAT_SILENCE = env.number("HEARTBEAT_SILENCE_SECONDS", 20, least=1)
BREAKER_FAILURES = env.whole("BREAKER_FAILURES", 5, least=1)
BREAKER_RESET = env.number("BREAKER_RESET_SECONDS", 15, least=0)
EVIDENCE_RETENTION_DAYS = env.whole("EVIDENCE_RETENTION_DAYS", 0, least=0)
TEMPLATE_SYNC_HOURS = env.number("TEMPLATE_SYNC_HOURS", 24, least=0.01)

# --- Webhooks to tenants, times in seconds -----------------------------------------------------
WEBHOOK_ALLOW_HTTP = env.boolean("WEBHOOK_ALLOW_HTTP", not IS_PRODUCTION)
WEBHOOK_ALLOWED_CIDRS = env.words("WEBHOOK_ALLOWED_CIDRS")
WEBHOOK_TIMEOUT = env.number("WEBHOOK_TIMEOUT_SECONDS", 15, least=0.1)
WEBHOOK_LEASE = env.number("WEBHOOK_LEASE_SECONDS", 60, least=0.2)
WEBHOOK_RETRY_AFTER = env.numbers(
    "WEBHOOK_RETRY_AFTER_SECONDS", "1,5,15,300,1800,7200,18000,36000,50400,72000,86400"
)
WEBHOOK_DISABLE_AFTER_DAYS = env.number("WEBHOOK_DISABLE_AFTER_DAYS", 5, least=0.001)
WEBHOOK_RETENTION_DAYS = env.whole("WEBHOOK_RETENTION_DAYS", 90, least=0)
WEBHOOK_THREADS = env.whole("WEBHOOK_THREADS", 32, least=1)
WEBHOOK_THREADS_PER_RECEIVER = env.whole("WEBHOOK_THREADS_PER_RECEIVER", 4, least=1)

# --- Webhooks from providers -------------------------------------------------------------------
# Where the outside world reaches this service; commands print addresses with it.
PUBLIC_URL = env.address("PUBLIC_URL", "https", "http").rstrip("/")
INBOUND_WEBHOOK_MAX_BYTES = env.whole("INBOUND_WEBHOOK_MAX_MB", 5, least=1) * 1024 * 1024
INBOUND_WEBHOOKS_PER_SECOND = env.whole("INBOUND_WEBHOOKS_PER_SECOND", 100, least=1)
INBOUND_WEBHOOK_RETRY_AFTER = env.numbers("INBOUND_WEBHOOK_RETRY_AFTER_SECONDS", "2,10,60,600,3600")
INBOUND_WEBHOOK_RETENTION_DAYS = env.whole("INBOUND_WEBHOOK_RETENTION_DAYS", 30, least=1)

# --- Logs --------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMAT = env.choice("LOG_FORMAT", "json" if IS_PRODUCTION else "console", "json", "console")
LOGGING_CONFIG = "kyc_adapter.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}

# What could not be used above; `kyc_adapter.checks` reports it.
UNUSABLE_SETTINGS = env.problems
