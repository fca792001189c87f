"""What an ASGI server serves besides the API, and what it refuses before the API is asked."""

from __future__ import annotations

import logging
import warnings

import pytest

from kyc_adapter.handler import ThreadHandler
from kyc_adapter.logs import configure
from tests.kyc_adapter.asgi_client import ask

SCRIPT = "/static/demo/demo.js"


async def answer(path, method="GET", **headers):
    """Status, headers and body of a request to the ASGI application."""
    asked = await ask(ThreadHandler(), path, method=method, **headers)
    answered = await asked.answer()
    return answered.status, answered.headers, answered.body


async def test_static_file_without_a_warning(settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        status, headers, body = await answer(SCRIPT)

    whole = (settings.BASE_DIR / "kyc_adapter" / "static" / "demo" / "demo.js").read_bytes()
    assert (status, body) == (200, whole)
    assert headers["content-length"] == str(len(whole))
    assert headers["content-type"].startswith("text/javascript")
    assert "last-modified" in headers


async def test_static_file_not_changed_since():
    _, headers, _ = await answer(SCRIPT)
    status, _, body = await answer(SCRIPT, if_modified_since=headers["last-modified"])

    assert (status, body) == (304, b"")


async def test_part_of_a_static_file():
    _, _, whole = await answer(SCRIPT)
    status, headers, body = await answer(SCRIPT, range="bytes=2-5")

    assert (status, body) == (206, whole[2:6])
    assert headers["content-length"] == "4"


async def test_head_of_a_static_file():
    status, headers, body = await answer(SCRIPT, method="HEAD")

    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


async def test_static_file_that_is_not_there():
    assert (await answer("/static/demo/nothing.js"))[0] == 404


@pytest.mark.parametrize("path", ["/health", "/api/v1/verifications"])
async def test_unknown_host_is_refused_and_not_logged(path, settings, capfd):
    """Anybody may send any name: it is no error of ours, and nothing to keep."""
    configure({"level": "DEBUG", "format": "json"})
    try:
        status, headers, body = await answer(path, host="evil.example")
        logging.getLogger("django.security.csrf").warning("still heard")
    finally:
        configure(settings.LOGGING)

    written = "".join(capfd.readouterr())
    assert status == 400
    assert headers["content-type"] == "application/json"
    assert b'"code": "bad_request"' in body
    assert b"Check the Host header" in body
    assert "evil.example" not in written
    assert '"level": "error"' not in written
    assert '"status": 400' in written
    assert "still heard" in written
