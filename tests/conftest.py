"""What every test may use: a sandbox over real HTTP, tenants on it, and a client."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient
from werkzeug.serving import BaseWSGIServer
from werkzeug.test import Client
from xdist.scheduler import LoadFileScheduling

from common.images import inspect_image
from providers import services as provider_services
from providers.sandbox import settings as sandbox_settings
from providers.sandbox.app import create_app
from providers.sandbox.calls import Sandbox as SandboxState
from providers.sandbox.idmeta.accounts import DEMO
from providers.sandbox.reading.page import Pages
from providers.sandbox.server import sandbox_server
from providers.types import ImageRole
from tenants.models import Mode, Tenant
from tenants.services import issue_key
from tests import databases
from tests.processes import PATIENCE_SECONDS, Processes
from tests.shared_ocr import SharedOcr
from tests.tenants_support import saved_tenant
from tests.verifications_support import PASSPORT
from verifications import services
from verifications.evidence_store import Picture
from verifications.models import RunMode, VerificationType
from verifications.requests import NewVerification

SPECIMENS = Path(__file__).resolve().parent.parent / "docs" / "specimens"


class Sandbox:
    """The running sandbox: its addresses, and the switches tests may turn."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server = server
        self._state: SandboxState = server.app.sandbox
        # Its own calls without a socket, which would take several times as long.
        self._control = Client(server.app)
        self.url = url = f"http://127.0.0.1:{server.server_port}"
        self.regula = {
            "docreader_url": f"{url}/docreader",
            "face_url": f"{url}/face",
            "accept_specimens": "true",
        }
        self.idmeta = {"base_url": f"{url}/idmeta/api", "default_template_id": "306"}

    def reset(self) -> None:
        """What DELETE of its control paths does, without four requests for every test."""
        state = self._state
        for book in (state.bills, state.faults, state.requests, state.webhooks):
            book.clear()
        sandbox_settings.reset(self._state.settings)

    def fault(self, match: str, fault: str, times: int = 1, **more: Any) -> None:
        """The next `times` requests whose path holds `match` get the fault."""
        self._post("/control/faults", {"match": match, "fault": fault, "times": times, **more})

    @contextmanager
    def holding_back(self, match: str) -> Iterator[None]:
        """Requests whose path holds `match` are worked on, and answered when this is left."""
        app, is_over = self._server.app, threading.Event()

        def answer_later(environ: dict[str, Any], start_response: Any) -> Any:
            answer = app(environ, start_response)
            if match in environ["PATH_INFO"]:
                is_over.wait(PATIENCE_SECONDS)
            return answer

        self._server.app = answer_later
        try:
            yield
        finally:
            self._server.app = app
            is_over.set()

    def settings(self, **values: Any) -> None:
        self._post("/control/settings", values)

    def bills(self) -> list[dict[str, Any]]:
        return self._get("/bills")

    def requests(self) -> list[dict[str, Any]]:
        return self._get("/control/requests")

    def decide(self, verification_id: str, status: str | None = None) -> None:
        """A reviewer at IDMeta decides, and IDMeta says so in a webhook."""
        body = {"verificationId": verification_id, **({"status": status} if status else {})}
        self._post("/control/decisions", body)

    def webhooks(self) -> list[dict[str, Any]]:
        """What was sent, and how it was answered."""
        return self._get("/control/webhooks")

    def _get(self, path: str) -> list[dict[str, Any]]:
        return list(self._control.get(path).json)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = self._control.post(path, json=body)
        assert answer.status_code < 300, answer.text


# Folders whose tests wait for processes and for time to pass. One test process each: while they
# wait, the others compute.
WAITING = {
    "tests/queue/": "queue",
    "tests/verifications/sockets/": "sockets",  # they share a server, too
    "tests/crash/": "sockets",
}


def lane_of(nodeid: str) -> str | None:
    return next((lane for folder, lane in WAITING.items() if nodeid.startswith(folder)), None)


class WholeFiles(LoadFileScheduling):
    """Tests of one file share what is slow to start."""

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid) or str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeFiles:
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First those that wait, so that at the end nobody is left waiting alone."""
    items.sort(key=lambda item: lane_of(item.nodeid) is None)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None):
        config.pluginmanager.register(databases.Original(config))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["TESTS_FOLDER"], ignore_errors=True)


# While tests are collected, nothing becomes garbage.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What is there by now stays: the collector need not look through it time and again."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """What pytest-django does, unless there are several processes that each need a database."""
    here = getattr(request.config, "workerinput", None)
    if here is None:
        request.getfixturevalue("django_db_setup")
        yield
        return
    with django_db_blocker.unblock():
        databases.copy_for(here["workerid"], here["original_database"])
    yield
    with django_db_blocker.unblock():
        databases.destroy_copy()


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[BaseWSGIServer]:
    """The one sandbox of this test process, on a port of its own."""
    readings = pytestconfig.cache.mkdir("readings")
    app = create_app(SandboxState(Pages(SharedOcr(readings))))
    server = sandbox_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sandbox(server: BaseWSGIServer) -> Sandbox:
    """A sandbox without faults, bills or requests of an earlier test."""
    sandbox = Sandbox(server)
    sandbox.reset()
    return sandbox


@pytest.fixture(autouse=True)
def _fresh_adapters() -> Iterator[None]:
    """Breakers and connections of one test don't reach the next."""
    provider_services.forget_adapters()
    yield
    provider_services.forget_adapters()


def regula_tenant_of(sandbox: Sandbox, name: str = "Bank", **config: str) -> Tenant:
    return saved_tenant(
        name=name, provider="regula", config={**sandbox.regula, **config}, credentials={}
    )


def idmeta_tenant_of(sandbox: Sandbox, name: str = "Wallet", **config: str) -> Tenant:
    return saved_tenant(
        name=name,
        provider="idmeta",
        config={**sandbox.idmeta, **config},
        credentials={"api_token": DEMO.token},
    )


@pytest.fixture
def regula_tenant(db: None, sandbox: Sandbox) -> Tenant:
    return regula_tenant_of(sandbox)


@pytest.fixture
def idmeta_tenant(db: None, sandbox: Sandbox) -> Tenant:
    return idmeta_tenant_of(sandbox)


@pytest.fixture
def client_of() -> Callable[..., APIClient]:
    """An API client that sends a new key of the tenant given."""

    def make(tenant: Tenant, mode: Mode = Mode.LIVE) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_X_API_KEY=issue_key(tenant=tenant, name="test", mode=mode).plain)
        return client

    return make


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Starts web processes and workers on the test database."""
    processes = Processes(tmp_path)
    yield processes
    processes.end()


@pytest.fixture
def specimen() -> Callable[[str], bytes]:
    """A specimen picture by its file name."""
    return lambda name: (SPECIMENS / name).read_bytes()


@cache
def passport() -> Picture:
    data = (SPECIMENS / PASSPORT).read_bytes()
    return Picture(data, inspect_image(data))


@pytest.fixture
def new_request():
    """A request for the passport, of any tenant."""

    def make(tenant, **more):
        fields = {
            "mode": "live",
            "verification_type": VerificationType.DOCUMENT,
            "pictures": {ImageRole.FRONT: passport()},
            "run_mode": RunMode.ASYNC,
            **more,
        }
        return NewVerification(tenant=tenant, **fields)

    return make


@pytest.fixture
def stored(new_request):
    """Store a verification of this tenant; nobody works on it yet."""
    return lambda tenant, **more: services.create(new_request(tenant, **more))
