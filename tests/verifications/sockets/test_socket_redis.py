"""Redis comes and goes while sockets are open."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator

import pytest
from channels.layers import get_channel_layer

from tests.crash.servers import Redis
from tests.verifications.sockets.server import Server, Socket, wait_for
from verifications.sockets import announce
from verifications.sockets.wakeups import group_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server"),
]

# Much longer than the tests: what arrives was woken by Redis.
NO_TAIL = "60"
UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture(scope="module")
def redis(tmp_path_factory) -> Iterator[Redis]:
    running = Redis(tmp_path_factory.mktemp("redis"))
    yield running
    running.stop()


@pytest.fixture
def use_redis(settings):
    """This process, which records the events, uses the Redis at this address."""

    def use(url: str) -> None:
        settings.REDIS_URL = url
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [url], "prefix": settings.SOCKET_PREFIX},
            }
        }

    return use


@pytest.fixture(scope="module")
def woken_web(redis, django_db_setup, django_db_blocker) -> Iterator[Server]:
    """A server that looks into the log only when it is told to."""
    with django_db_blocker.unblock():
        running = Server(REDIS_URL=redis.url, SOCKET_TAIL_SECONDS=NO_TAIL)
    yield running
    running.stop()


def tell_until_heard(tell, verification, socket) -> list[int]:
    """Record events until one wakes the server; the sequences it then sent, up to the newest."""
    heard: list[int] = []

    def is_heard() -> bool:
        newest = tell(verification).sequence
        try:
            while not heard or heard[-1] < newest:
                heard.append(socket.receive(within=0.5)["sequence"])
        except TimeoutError:
            return False
        return True

    wait_for(is_heard, within=20)
    return heard


def test_killed_and_restarted(redis, use_redis, woken_web, key, verification, tell):
    """The socket stays, and gets what happened meanwhile once Redis wakes the server again."""
    use_redis(redis.url)
    headers = {"X-API-Key": key.plain}
    with Socket(f"{woken_web.address}/{verification.pk}", headers) as socket:
        assert socket.receive()["event"] == "subscribed"
        assert socket.sequences(1) == [1]
        before = tell_until_heard(tell, verification, socket)

        redis.stop()
        tell(verification)
        redis.restart()
        after = tell_until_heard(tell, verification, socket)
        heard = before + after
        assert heard == list(range(2, heard[-1] + 1))
        assert socket.pongs() == [{"event": "pong"}]


def test_no_redis_harms_no_event(use_redis, verification, tell):
    """It costs a moment once, and nothing while the publisher waits for Redis to come back."""
    use_redis(UNREACHABLE)

    tell(verification)
    started = time.monotonic()
    for _ in range(20):
        tell(verification)

    assert verification.events.count() == 22
    assert time.monotonic() - started < 5


async def test_published_in_the_channel_layers_own_format(redis, use_redis):
    """The layer's own receiver understands it."""
    use_redis(redis.url)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of("some-id"), channel)
    # Nobody can have followed it before the first.
    for sequence in (1, 7):
        event = type("Event", (), {"verification_id": "some-id", "sequence": sequence})
        await asyncio.to_thread(announce.announce, sender=None, event=event)

    async with asyncio.timeout(5):
        assert await layer.receive(channel) == {
            "type": "verification.moved",
            "verificationId": "some-id",
            "sequence": 7,
        }
    await layer.flush()
