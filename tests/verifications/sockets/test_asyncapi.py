"""The examples in docs/asyncapi.yaml are what its schemas say; tests check real messages too."""

from __future__ import annotations

import jsonschema
import pytest

from tests.verifications.sockets.server import asyncapi, validator_of
from verifications.events import EventType
from verifications.sockets.protocol import EVENT_NAMES

MESSAGES = asyncapi()["components"]["messages"]


@pytest.mark.parametrize("name", MESSAGES)
def test_documented_examples_are_valid(name):
    schema = MESSAGES[name]["payload"]["$ref"].rpartition("/")[2]

    assert MESSAGES[name]["examples"]
    for example in MESSAGES[name]["examples"]:
        validator_of(schema).validate(example["payload"])


def test_every_event_has_an_example():
    examples = [example["payload"] for name in MESSAGES for example in MESSAGES[name]["examples"]]

    assert {example["type"] for example in examples if "type" in example} == set(EventType)
    told = {example["event"] for example in examples if "event" in example}
    assert told == {"subscribed", "pong", "error", *EVENT_NAMES.values()}


@pytest.mark.parametrize(
    "change",
    [{"type": "verification.failed"}, {"sequence": 0}, {"data": {}}, {"timestamp": "yesterday"}],
)
def test_the_schema_refuses_what_is_never_sent(change):
    example = MESSAGES["outcome"]["examples"][0]["payload"]

    with pytest.raises(jsonschema.ValidationError):
        validator_of("Outcome").validate({**example, **change})
