# One image for web and worker; the command decides.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.txt .
# The lock file is complete and hashed, so nothing else can slip in.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-deps --require-hashes -r requirements.txt
COPY common common
COPY providers providers
COPY tenants tenants
COPY templates_sync templates_sync
COPY verifications verifications
COPY webhooks webhooks
COPY kyc_adapter kyc_adapter
COPY manage.py .
# A throw-away key: collecting files needs settings that are complete, and encrypts nothing.
RUN FIELD_ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    /venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ENVIRONMENT=production \
    EVIDENCE_DIR=/evidence
RUN mkdir /evidence && chown 10001:10001 /evidence
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
VOLUME /evidence
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:8000/health', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["uvicorn", "kyc_adapter.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
