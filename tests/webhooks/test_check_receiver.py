"""`manage.py check_receiver` finds what a receiver forgets, and nothing in one that is right."""

from __future__ import annotations

import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command
from standardwebhooks import Webhook, WebhookVerificationError

from common import signing_secrets
from webhooks.outbound.receiver_checks import CHECKS

SECRET = signing_secrets.new_secret()
LIMIT = 1024 * 1024


class Right(BaseHTTPRequestHandler):
    """What docs/webhooks.md asks for."""

    timeout = 1

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        if size > LIMIT:
            self.close_connection = True
            self.answer(413)
            return
        self.answer(self.status_for(self.rfile.read(size)))

    def status_for(self, body):
        try:
            Webhook(SECRET).verify(body, dict(self.headers))
        except WebhookVerificationError:
            return 401
        return self.status_for_verified(json.loads(body))

    def status_for_verified(self, event):
        return 204

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class BelievesAll(Right):
    def status_for(self, body):
        return 200


class RefusesAll(Right):
    def status_for(self, body):
        return 403


class ForgetsTheTime(Right):
    def status_for(self, body):
        headers = {name.lower(): value for name, value in self.headers.items()}
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(int(headers.get("webhook-timestamp", 0)), UTC)
        made = Webhook(SECRET).sign(headers.get("webhook-id", ""), moment, body.decode())
        return 200 if made in headers.get("webhook-signature", "").split() else 401


class TakesTheFirstSignatureOnly(Right):
    def status_for(self, body):
        given = self.headers.get("webhook-signature", "").split()
        headers = {**dict(self.headers), "webhook-signature": given[0] if given else ""}
        try:
            Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError:
            return 401
        return 200


class RefusesTwice(Right):
    seen = set()

    def status_for(self, body):
        status = super().status_for(body)
        if status == 204 and self.headers["webhook-id"] in self.seen:
            return 409
        if status == 204:
            self.seen.add(self.headers["webhook-id"])
        return status


class WantsOrder(Right):
    newest = {}

    def status_for_verified(self, event):
        key = event["verificationId"]
        if event["sequence"] < self.newest.get(key, 0):
            return 422
        self.newest[key] = event["sequence"]
        return 204


class KnowsItsTypes(Right):
    def status_for_verified(self, event):
        return 400 if event["type"] == "verification.something.new" else 204


class ReadsAnything(Right):
    def do_POST(self):
        self.answer(self.status_for(self.rfile.read(int(self.headers["Content-Length"]))))

    def status_for(self, body):
        return 200 if len(body) > LIMIT else super().status_for(body)


@contextmanager
def serving(handler, kind=ThreadingHTTPServer):
    kind.daemon_threads = True
    server = kind(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def failures(url, *arguments):
    """The names of the checks that fail; the exit code must agree."""
    out = io.StringIO()
    code = 0
    try:
        call_command("check_receiver", url, "--secret", SECRET, *arguments, stdout=out)
    except SystemExit as ended:
        code = ended.code
    failed = {check.name for check in CHECKS if f"FAIL  {check.name}" in out.getvalue()}
    for check in CHECKS:
        assert (check.fix in out.getvalue()) == (check.name in failed)
    assert code == (1 if failed else 0)
    return failed


def test_a_right_one_passes_all():
    with serving(Right) as url:
        assert failures(url) == set()


@pytest.mark.parametrize(
    ("handler", "failed"),
    [
        (
            BelievesAll,
            {
                "refuses a forged signature",
                "refuses without a signature",
                "refuses an altered body",
                "refuses another event's id",
                "refuses a stale event",
                "refuses one from the future",
            },
        ),
        (RefusesAll, {"takes a good event"}),
        (ForgetsTheTime, {"refuses a stale event", "refuses one from the future"}),
        (TakesTheFirstSignatureOnly, {"takes one of two signatures"}),
        (RefusesTwice, {"takes a replayed event", "takes two copies at once"}),
        (WantsOrder, {"takes events out of order"}),
        (KnowsItsTypes, {"takes an unknown type"}),
        (ReadsAnything, {"refuses a huge body"}),
    ],
)
def test_what_is_forgotten_is_found(handler, failed):
    with serving(handler) as url:
        assert failures(url) == failed


def test_one_that_serves_one_after_the_other():
    with serving(Right, HTTPServer) as url:
        assert failures(url, "--patience", "0.5") == {"is not held up by a slow sender"}


def test_nobody_there():
    with serving(Right) as url:
        pass
    assert failures(url) == {"takes a good event"}


@pytest.mark.django_db
def test_the_secret_of_an_endpoint(endpoint):
    with serving(RefusesAll) as url, pytest.raises(SystemExit):
        call_command("check_receiver", url, "--endpoint", str(endpoint.pk), stdout=io.StringIO())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ftp://x"], "must begin with https"),
        (["http://127.0.0.1:1"], "Give --secret"),
        (["http://127.0.0.1:1", "--endpoint", "17"], "There is no endpoint 17"),
    ],
)
def test_wrong_arguments(monkeypatch, arguments, message):
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    with pytest.raises(CommandError, match=message):
        call_command("check_receiver", *arguments)
