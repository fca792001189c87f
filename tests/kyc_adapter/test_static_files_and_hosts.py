"""What an ASGI server serves besides the API, and what it refuses before the API is asked."""

from __future__ import annotations

import logging
import warnings

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler

from kyc_adapter.logs import configure

SCRIPT = "/static/demo/demo.js"


async def answer(path, method="GET", **headers):
    """Status, headers and body of a request to the ASGI application."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in {"host": "localhost", **headers}.items()
        ],
    }
    communicator = ApplicationCommunicator(ASGIHandler(), scope)
    await communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await communicator.receive_output(5)
    body, is_more = b"", True
    while is_more:
        part = await communicator.receive_output(5)
        body += part.get("body", b"")
        is_more = part.get("more_body", False)
    await communicator.wait()
    return start["status"], {key.decode().lower(): v.decode() for key, v in start["headers"]}, body


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
