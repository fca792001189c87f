"""Settings an operator may give, and those that are refused before any call."""

from __future__ import annotations

import pytest

from providers.account_settings import AccountSettings, Scope, SettingError, split_settings
from providers.adapters.regula.adapter import RegulaAdapter
from providers.adapters.regula.config import TenantOptions, docreader_access, face_access
from providers.http import HttpLimits

READER = "http://reader.test:8080"


def test_the_vendors_servers_are_no_default():
    with pytest.raises(SettingError, match="docreader_url is missing"):
        split_settings(RegulaAdapter.settings, {}, {})
    assert not [s for s in RegulaAdapter.settings if "regula" in str(s.default).lower()]


def test_an_account_without_an_address_cannot_be_connected():
    with pytest.raises(SettingError, match="docreader_url is missing"):
        RegulaAdapter.connect(AccountSettings({}), HttpLimits())


def test_scopes():
    names = {scope: [] for scope in Scope}
    for setting in RegulaAdapter.settings:
        names[setting.scope].append(setting.name)
    assert names[Scope.TENANT] == [
        "scenario",
        "face_threshold",
        "face_review_threshold",
        "accept_specimens",
        "minimum_age",
        "require_authenticity",
        "require_mrz",
    ]
    assert names[Scope.CREDENTIAL] == [
        prefix + name
        for prefix in ("", "face_")
        for name in ("username", "password", "token", "header_value")
    ]


def test_defaults_of_a_tenant():
    assert TenantOptions.read({}) == TenantOptions(
        scenario=None,
        face_threshold=0.75,
        face_review_threshold=0.65,
        accepts_specimens=False,
        minimum_age=None,
        requires_authenticity=False,
        requires_mrz=False,
    )


@pytest.mark.parametrize(
    ("settings", "credentials", "message"),
    [
        (
            {"docreader_url": "http://reader.test/api"},
            {},
            "docreader_url must be given without /api",
        ),
        ({"face_url": "http://face.test/api/"}, {}, "face_url must be given without /api"),
        ({"auth": "basic"}, {"username": "kyc"}, "password is missing"),
        ({"auth": "bearer"}, {}, "token is missing"),
        ({"auth": "header"}, {"header_value": "k"}, "auth_header must name"),
        (
            {"auth": "header", "auth_header": "X Key"},
            {"header_value": "k"},
            "auth_header must name",
        ),
        ({"auth": "header", "auth_header": "X-Key"}, {}, "header_value is missing"),
        ({"auth": "bearer"}, {"token": "a\r\nb"}, "token must be printable ASCII"),
        ({"face_auth": "bearer"}, {}, "token is missing"),
        ({"auth": "digest"}, {}, "auth must be one of none, basic, bearer, header"),
        ({"ca_bundle": "/nowhere/ca.pem"}, {}, "ca_bundle: there is no such file"),
        ({"client_certificate": "/nowhere/c.pem"}, {}, "client_certificate: there is no such file"),
        ({"scenario": "Everything"}, {}, "scenario must be one of FullAuth, FullProcess"),
        ({"docreader_url": "reader.test"}, {}, "docreader_url must be an http"),
    ],
)
def test_bad_settings_are_refused_at_once(connect, settings, credentials, message):
    with pytest.raises(SettingError, match=message):
        connect(credentials, **settings)


def test_files_and_credentials_of_the_face_service_fall_back(tmp_path):
    bundle, certificate = tmp_path / "ca.pem", tmp_path / "client.pem"
    other = tmp_path / "face-ca.pem"
    for path in (bundle, certificate, other):
        path.write_text("pem")
    account = split_settings(
        RegulaAdapter.settings,
        {
            "docreader_url": READER,
            "face_url": "https://face.test/",
            "ca_bundle": str(bundle),
            "client_certificate": str(certificate),
            "face_ca_bundle": str(other),
        },
        {},
    ).account
    reader, face = docreader_access(account), face_access(account)
    assert (reader.base_url, reader.verify) == (READER, str(bundle))
    assert reader.client_certificate == str(certificate)
    assert (face.base_url, face.verify) == ("https://face.test", str(other))
    assert face.client_certificate == str(certificate)


def test_certificates_are_verified_by_default(connect):
    account = split_settings(RegulaAdapter.settings, {"docreader_url": READER}, {}).account
    assert docreader_access(account).verify is True
    assert face_access(account) is None


def test_credentials_do_not_show():
    account = split_settings(
        RegulaAdapter.settings, {"docreader_url": READER, "auth": "bearer"}, {"token": "s3cret"}
    ).account
    assert "s3cret" not in repr(docreader_access(account))
