"""The programs of docs/webhooks.md, run against our signatures; and the official verifiers.

Those are run whose runtime is installed; Python and the shell always are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from common import signing_secrets
from common.ids import new_id
from tests.webhooks.conftest import happen
from webhooks.outbound.signing import signed_headers

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
NODE_MODULES = Path(__file__).parent / "verifiers" / "node_modules"
SECRET, OTHER_SECRET = signing_secrets.new_secret(), signing_secrets.new_secret()
BODY = '{"decision":"approved","name":"Ñandú"}\n'.encode()
SUFFIX = {"python": ".py", "javascript": ".js", "php": ".php", "go": ".go", "sh": ".sh"}
OFFICIAL = """
const { Webhook } = require("standardwebhooks");
const { WEBHOOK_SECRET, WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE } = process.env;
new Webhook(WEBHOOK_SECRET).verify(require("node:fs").readFileSync(0), {
  "webhook-id": WEBHOOK_ID,
  "webhook-timestamp": WEBHOOK_TIMESTAMP,
  "webhook-signature": WEBHOOK_SIGNATURE,
});
"""


def runtimes():
    """Language and how to run a file of it, for those that are here."""
    commands = {
        "python": [sys.executable],
        "sh": ["sh"],
        "javascript": ["node"],
        "php": ["php"],
        "go": ["go", "run"],
    }
    return {name: command for name, command in commands.items() if shutil.which(command[0])}


def programs():
    """Name, text and command of each example that can be run here, and npm's verifier."""
    sections = re.findall(r"^```(\w+)\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    examples = {language: text for language, text in sections if "WEBHOOK_SECRET" in text}
    assert set(examples) == set(SUFFIX)
    found = [(name, examples[name], command) for name, command in runtimes().items()]
    if shutil.which("node") and NODE_MODULES.is_dir():
        found.append(("javascript", OFFICIAL, ["node"]))
    return found


PROGRAMS = programs()
NAMES = [f"{name}-official" if text == OFFICIAL else name for name, text, _ in PROGRAMS]


def sign(body=BODY, secrets=(SECRET,), age=timedelta()):
    return signed_headers(new_id(), body, secrets, datetime.now(UTC) - age)


def replaced(name, value):
    return {**sign(), name: value}


CASES = {
    "good": (sign, BODY, True),
    "two secrets, ours first": (lambda: sign(secrets=(SECRET, OTHER_SECRET)), BODY, True),
    "two secrets, ours second": (lambda: sign(secrets=(OTHER_SECRET, SECRET)), BODY, True),
    "another secret": (lambda: sign(secrets=(OTHER_SECRET,)), BODY, False),
    "altered body": (sign, BODY.replace(b"approved", b"declined"), False),
    "longer body": (sign, BODY + b" ", False),
    "another id": (lambda: replaced("webhook-id", str(new_id())), BODY, False),
    "old": (lambda: sign(age=timedelta(minutes=6)), BODY, False),
    "from the future": (lambda: sign(age=-timedelta(minutes=6)), BODY, False),
    "old, its time made new": (
        lambda: {
            **sign(age=timedelta(minutes=6)),
            "webhook-timestamp": str(int(datetime.now(UTC).timestamp())),
        },
        BODY,
        False,
    ),
    "no time": (lambda: replaced("webhook-timestamp", "soon"), BODY, False),
    "empty signature": (lambda: replaced("webhook-signature", ""), BODY, False),
    "half a signature": (
        lambda: {**sign(), "webhook-signature": sign()["webhook-signature"][:20]},
        BODY,
        False,
    ),
}


@pytest.fixture(scope="module", params=PROGRAMS, ids=NAMES)
def program(request, tmp_path_factory):
    """Runs the program; True if it takes the webhook."""
    name, text, command = request.param
    file = tmp_path_factory.mktemp("example") / f"main{SUFFIX[name]}"
    file.write_text(text)

    def run(headers, body):
        given = {
            f"WEBHOOK_{name.removeprefix('webhook-').upper()}": value
            for name, value in headers.items()
        }
        ended = subprocess.run(
            [*command, str(file)],
            input=body,
            env={**os.environ, **given, "WEBHOOK_SECRET": SECRET, "NODE_PATH": str(NODE_MODULES)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        return ended.returncode == 0

    return run


@pytest.mark.parametrize("case", CASES)
def test_example(program, case):
    headers, body, is_good = CASES[case]

    assert program(headers(), body) is is_good


@pytest.mark.parametrize("case", [name for name in CASES if name != "half a signature"])
def test_official_python_verifier(case):
    """Half a signature is left out: the package raises a plain error of base64 there."""
    headers, body, is_good = CASES[case]
    try:
        Webhook(SECRET).verify(body, headers(), json_parse=False)
    except (WebhookVerificationError, ValueError):
        assert not is_good
    else:
        assert is_good


def test_the_shown_event_is_what_is_sent(db, tenant, endpoint, receiver, verification_of, deliver):
    happen(verification_of(tenant))
    deliver()
    [shown] = re.findall(r"^```json\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)

    sent, shown = receiver.got[0].json(endpoint.secrets[0]["secret"]), json.loads(shown)

    assert set(sent) == set(shown)
    assert set(sent["data"]) == set(shown["data"])
