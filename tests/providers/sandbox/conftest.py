"""The sandbox on its own, as clients of the vendors speak to it."""

import base64
from pathlib import Path

import pytest
import requests

from providers.sandbox.idmeta.accounts import DEMO
from providers.sandbox.reading.page import Pages

SPECIMENS = Path(__file__).parents[3] / "docs" / "specimens"


@pytest.fixture(scope="session")
def specimen():
    def read(name: str) -> bytes:
        return (SPECIMENS / f"{name}.jpg").read_bytes()

    return read


@pytest.fixture(scope="session")
def pages(server) -> Pages:
    """The server's own reader, so that nothing is read twice."""
    return server.app.sandbox.pages


@pytest.fixture
def sandbox(sandbox) -> str:
    """The sandbox's address."""
    return sandbox.url


class Idmeta:
    """Speaks to the sandbox as IDMeta's clients do."""

    def __init__(self, sandbox: str, token: str = DEMO.token) -> None:
        self.base = f"{sandbox}/idmeta/api"
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def get(self, path: str, **params):
        return requests.get(self.base + path, params=params, headers=self.headers, timeout=30)

    def post(self, path: str, body: dict, scenario: str | None = None, **headers):
        headers |= {"X-Sandbox-Scenario": scenario} if scenario else {}
        return requests.post(
            self.base + path, json=body, headers=self.headers | headers, timeout=30
        )

    def upload(self, path: str, fields: dict, files: dict, scenario: str | None = None):
        headers = self.headers | ({"X-Sandbox-Scenario": scenario} if scenario else {})
        return requests.post(
            self.base + path, data=fields, files=files, headers=headers, timeout=30
        )

    def create(self, template_id: str = "306", **body) -> dict:
        """The ids that every step takes."""
        answer = self.post(
            "/v1/verification/create-verification", {"template_id": template_id, **body}
        )
        assert answer.status_code == 200, answer.text
        return {"template_id": template_id, "verification_id": answer.json()["verification"]["id"]}

    def document(self, ids: dict, front: bytes, scenario: str | None = None, **options):
        files = {"imageFrontSide": ("front.jpg", front, "image/jpeg")}
        path = "/v1/verification/document_verification"
        return self.upload(path, ids | options, files, scenario)

    def finalize(self, ids: dict, scenario: str | None = None) -> dict:
        return self.post("/v1/verification/finalize-verification", ids, scenario).json()


@pytest.fixture
def idmeta(sandbox) -> Idmeta:
    return Idmeta(sandbox)


@pytest.fixture
def idmeta_as(sandbox):
    return lambda account: Idmeta(sandbox, account.token)


class Regula:
    """Speaks to the sandbox as Regula's clients do."""

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox

    def process(self, *pictures: bytes, scenario: str | None = None, **body):
        param = {"scenario": "FullAuth", "dateFormat": "yyyy-MM-dd"} | body.pop("processParam", {})
        items = [
            {"ImageData": {"image": text(picture)}, "light": 6, "page_idx": index}
            for index, picture in enumerate(pictures)
        ]
        headers = {"X-Sandbox-Scenario": scenario} if scenario else {}
        return requests.post(
            f"{self.sandbox}/docreader/api/process",
            json={"processParam": param, "List": items, **body},
            headers=headers,
            timeout=30,
        )

    def containers(self, *pictures: bytes, **options) -> dict:
        """Payloads by result type; several of one type keep the last page's."""
        return {
            item["result_type"]: item
            for item in self.process(*pictures, **options).json()["ContainerList"]["List"]
        }

    def match(self, *pictures: bytes, kinds=(1, 3, 3, 3), scenario=None, **body):
        images = [
            {"index": index, "type": kinds[index], "data": text(picture)}
            for index, picture in enumerate(pictures)
        ]
        headers = {"X-Sandbox-Scenario": scenario} if scenario else {}
        return requests.post(
            f"{self.sandbox}/face/api/match",
            json={"images": images, **body},
            headers=headers,
            timeout=30,
        )


@pytest.fixture
def regula(sandbox) -> Regula:
    return Regula(sandbox)


@pytest.fixture
def control(sandbox):
    """Post to the control API: `control("faults", {...})`, `control("settings", {...})`."""

    def post(path: str, body: dict) -> None:
        answer = requests.post(f"{sandbox}/control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text

    return post


@pytest.fixture(scope="session")
def as_text():
    return text


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()
