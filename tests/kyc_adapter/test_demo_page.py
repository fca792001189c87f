"""The demo page is there on a developer's machine, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

from kyc_adapter.demo import PICTURES, SPECIMENS


def test_page_offers_every_specimen(client: Client):
    page = client.get("/").content.decode()

    assert all(f'data-specimen="{name}"' in page for name, _ in PICTURES)


@pytest.mark.parametrize("name", [name for name, _ in PICTURES])
def test_specimens_are_served(client: Client, name):
    answer = client.get(f"/demo/specimens/{name}")

    assert answer.content == (SPECIMENS / name).read_bytes()


@pytest.mark.parametrize("name", ["..%2fsettings.py", "%2e%2e/%2e%2e/manage.py", "unknown.jpg"])
def test_no_other_file_is_served(client: Client, name):
    assert client.get(f"/demo/specimens/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/demo/specimens/passport-td3.jpg"])
def test_nothing_of_it_in_production(client: Client, settings, path):
    settings.ENVIRONMENT = "production"

    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
