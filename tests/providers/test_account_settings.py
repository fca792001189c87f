"""An operator's input, checked against an adapter's table and sorted by scope."""

from __future__ import annotations

import pytest

from providers.account_settings import (
    AccountSettings,
    Kind,
    Scope,
    Setting,
    SettingError,
    split_settings,
)

TABLE = (
    Setting("url", Scope.ACCOUNT, "address of the API", Kind.URL, is_required=True),
    Setting("version", Scope.ACCOUNT, "API version", choices=("v1", "v3")),
    Setting("token", Scope.CREDENTIAL, "API token", is_required=True),
    Setting("threshold", Scope.TENANT, "lowest score", Kind.NUMBER, default=0.5),
    Setting("strict", Scope.TENANT, "refuse in doubt", Kind.BOOLEAN),
)
URL, TOKEN = {"url": "https://kyc.example/api"}, {"token": "canary-7b1c"}


def test_values_are_typed_and_sorted_by_scope():
    split = split_settings(
        TABLE,
        {"url": " http://10.0.0.5:8080/api/ ", "version": "v3", "threshold": "0.7", "strict": "on"},
        TOKEN,
    )

    assert split.account.config == {"url": "http://10.0.0.5:8080/api", "version": "v3"}
    assert split.account.credentials == TOKEN
    assert split.tenant == {"threshold": 0.7, "strict": True}


def test_an_empty_value_means_unset():
    split = split_settings(TABLE, {**URL, "version": "", "strict": None}, TOKEN)

    assert split.account.config == URL
    assert split.tenant == {}


@pytest.mark.parametrize("word", ["true", "1", "YES", " on "])
def test_true_words(word):
    assert split_settings(TABLE, {**URL, "strict": word}, TOKEN).tenant == {"strict": True}


@pytest.mark.parametrize("word", ["false", "0", "No", "off"])
def test_false_words(word):
    assert split_settings(TABLE, {**URL, "strict": word}, TOKEN).tenant == {"strict": False}


@pytest.mark.parametrize(
    ("config", "credentials", "message"),
    [
        ({}, TOKEN, "url is missing: give --config url=... (address of the API)"),
        ({"url": ""}, TOKEN, "url is missing: give --config url=... (address of the API)"),
        (URL, {}, "token is missing: give --credential token=... (API token)"),
        (
            {**URL, "treshold": "1"},
            TOKEN,
            "treshold is not a setting here; known are: strict, threshold, url, version",
        ),
        (URL, {**TOKEN, "tokn": "x"}, "tokn is not a setting here; known are: token"),
        (
            {**URL, "token": "canary-7b1c"},
            {},
            "token is not a setting here; known are: strict, threshold, url, version",
        ),
        (URL, {**TOKEN, "url": "x"}, "url is not a setting here; known are: token"),
        ({**URL, "version": "v2"}, TOKEN, "version must be one of v1, v3"),
        ({**URL, "threshold": "high"}, TOKEN, "threshold must be a number"),
        ({**URL, "threshold": "nan"}, TOKEN, "threshold must be a number"),
        ({**URL, "threshold": "inf"}, TOKEN, "threshold must be a number"),
        ({**URL, "strict": "maybe"}, TOKEN, "strict must be true or false"),
    ],
)
def test_wrong_input_is_refused_with_what_to_do(config, credentials, message):
    with pytest.raises(SettingError) as refusal:
        split_settings(TABLE, config, credentials)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "address",
    [
        "kyc.example/api",
        "ftp://kyc.example",
        "https://",
        "https://user:canary-7b1c@kyc.example",
        "file:///etc/passwd",
        "https://[::1",
        "https://kyc.example:port",
        "https://kyc.example/api?x=1",
        "https://kyc.example/api#x",
        "https://kyc.example/a b",
    ],
)
def test_a_wrong_address_is_refused_and_not_repeated(address):
    with pytest.raises(SettingError) as refusal:
        split_settings(TABLE, {"url": address}, TOKEN)

    assert str(refusal.value).startswith("url must be an http or https address")
    assert "canary" not in str(refusal.value)


def test_credentials_do_not_show_in_repr():
    assert "canary" not in repr(split_settings(TABLE, URL, TOKEN))
    assert "canary" not in repr(AccountSettings(URL, TOKEN))
