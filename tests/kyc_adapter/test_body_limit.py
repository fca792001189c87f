"""Bodies that are too large end before they are on the disk."""

from __future__ import annotations

import pytest

from kyc_adapter.body_limit import BodyLimit
from tests.kyc_adapter.asgi_client import ask

API, HOOK = "/api/v1/verifications", "/hooks/idmeta/token"


class Application:
    """Reads a body and answers 201; `read` is how much of it came."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self, scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.read += len(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(autouse=True)
def limits(settings):
    settings.MAX_BODY_BYTES = 1000
    settings.INBOUND_WEBHOOK_MAX_BYTES = 100


async def post(application, path, *parts, **headers):
    asked = await ask(BodyLimit(application), path, method="POST", is_whole=False, **headers)
    for part in parts:
        await asked.send(part)
    await asked.send(b"", is_last=True)
    return await asked.answer()


@pytest.mark.parametrize("path, limit", [(API, 1000), (HOOK, 100)])
async def test_as_much_as_allowed(path, limit):
    application = Application()

    answer = await post(application, path, b"x" * (limit - 1), b"x")

    assert (answer.status, application.read) == (201, limit)


@pytest.mark.parametrize(
    "path, limit, code", [(API, 1000, "body_too_large"), (HOOK, 100, "webhook_too_large")]
)
async def test_more_than_allowed_is_not_read_to_its_end(path, limit, code):
    application = Application()

    answer = await post(application, path, b"x" * limit, b"x", b"x" * 5000)

    assert (answer.status, answer.json()["code"]) == (413, code)
    assert answer.headers["connection"] == "close"
    assert application.read == limit


async def test_more_than_allowed_is_refused_by_its_announcement():
    application = Application()

    answer = await post(application, API, content_length="1001")

    assert (answer.status, answer.json()["code"]) == (413, "body_too_large")
    assert application.read == 0
