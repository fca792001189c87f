"""Which addresses of tenants are called, and which are not: every way to write a private one."""

from __future__ import annotations

import socket

import pytest

from common.outgoing_urls import UrlRefused, allowed_addresses, check_url


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.WEBHOOK_ALLOW_HTTP = False
    settings.WEBHOOK_ALLOWED_CIDRS = []


def resolve_to(monkeypatch, *addresses):
    def answer(host, port, **kwargs):
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


PRIVATE_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",  # metadata of a cloud
    "127.0.0.1",
    "127.1.2.3",
    "168.63.129.16",  # a cloud's wire server
    "169.254.0.1",
    "169.254.169.254",  # metadata of most clouds
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",  # metadata of a cloud
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of a cloud
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
]
ODD_FORMS = [
    "https://2130706433/",  # 127.0.0.1 in decimal
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://127.0.0.1./",
    "https://127.0.0.01/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://3232235521/",
    "https://[::1%25lo]/",
    "https://[fe80::1%eth0]/",
    "https://[::ffff:7f00:1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::1/",
    "https://127.0.0.1:8080/",
    "https://127.0.0.1%2f@bank.example/",
    "https://bank.example@127.0.0.1/",
    "https://user:password@bank.example/",
    "https://127.0.0.1\\@bank.example/",
    "https://bank.example\\@127.0.0.1/",
    "https://bank.example#@127.0.0.1/",
    "https://bank.example/#fragment",
    "https:///127.0.0.1/",
    "https:127.0.0.1",
    "https://",
    "//127.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://127。0。0。1/",
    "https://l\u043ecalhost/",  # a Cyrillic letter
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://kyc.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://metadata/",
    "https://router.home.arpa/",
    "https://intranet/",
    "https://bank..example/",
    "https://-bank.example/",
    "https://bank%2eexample/",
    "https://bank.example:0/",
    "https://bank.example:65536/",
    "https://bank.example:port/",
    "https://bank.example/\r\nX-Header: 1",
    "https://bank.example/\x00",
    "https://bank.example/a b",
    "\thttps://bank.example/",
    "http://bank.example/",
    "HTTP://bank.example/",
    "ftp://bank.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "bank.example/hook",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://bank.example/" + "a" * 500,
    "",
]


def written(address):
    return f"https://[{address}]/" if ":" in address else f"https://{address}/"


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_private_addresses_are_refused_as_they_are(address):
    with pytest.raises(UrlRefused):
        check_url(written(address))


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_and_behind_a_name(monkeypatch, address):
    resolve_to(monkeypatch, address)

    with pytest.raises(UrlRefused):
        check_url("https://bank.example/", look_up=True)
    with pytest.raises(UrlRefused):
        allowed_addresses(check_url("https://bank.example/"))


@pytest.mark.parametrize("url", ODD_FORMS)
def test_odd_forms_are_refused(url):
    with pytest.raises(UrlRefused) as refusal:
        check_url(url)

    assert "127" not in str(refusal.value)


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolve_to(monkeypatch, "93.184.216.34", "2606:4700::1111", "10.0.0.1")

    with pytest.raises(UrlRefused):
        allowed_addresses(check_url("https://bank.example/"))


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "host_header"),
    [
        ("https://bank.example", "bank.example", 443, "/", "bank.example"),
        ("https://Bank.Example:8443/a?b=c", "bank.example", 8443, "/a?b=c", "bank.example:8443"),
        ("HTTPS://bank.example:443/", "bank.example", 443, "/", "bank.example"),
        ("https://xn--bnk-sna.example/", "xn--bnk-sna.example", 443, "/", "xn--bnk-sna.example"),
        ("https://hook_1.bank.example/", "hook_1.bank.example", 443, "/", "hook_1.bank.example"),
        ("https://93.184.216.34/", "93.184.216.34", 443, "/", "93.184.216.34"),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443, "/", "[2606:4700::1111]"),
        ("https://[2606:4700::1111]:1/", "2606:4700::1111", 1, "/", "[2606:4700::1111]:1"),
        ("https://bank.example?a=%20", "bank.example", 443, "/?a=%20", "bank.example"),
    ],
)
def test_public_ones_are_taken(url, host, port, path, host_header):
    target = check_url(url)

    assert (target.host, target.port, target.path) == (host, port, path)
    assert target.host_header == host_header


def test_all_addresses_of_a_public_name(monkeypatch):
    resolve_to(monkeypatch, "93.184.216.34", "2606:4700::1111", "93.184.216.34")

    addresses = allowed_addresses(check_url("https://bank.example/"))

    assert [str(one) for one in addresses] == ["93.184.216.34", "2606:4700::1111"]


def test_http_where_it_is_allowed(settings):
    settings.WEBHOOK_ALLOW_HTTP = True

    assert check_url("http://bank.example/").port == 80


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://10.20.3.4/", True),
        ("https://[::ffff:10.20.3.4]/", True),
        ("https://[fd12::5]/", True),
        ("https://10.21.0.1/", False),
        ("https://127.0.0.1/", False),
        ("https://169.254.169.254/", False),
        ("https://receiver/", True),
        ("https://receiver.local/", True),
    ],
)
def test_networks_of_the_operator(settings, url, is_allowed):
    """Names of the network are then judged by what they resolve to."""
    settings.WEBHOOK_ALLOWED_CIDRS = ["10.20.0.0/16", "fd12::/16"]

    if is_allowed:
        assert check_url(url).scheme == "https"
    else:
        with pytest.raises(UrlRefused):
            check_url(url)


def test_a_local_name_resolves_into_an_allowed_network_or_is_refused(settings, monkeypatch):
    settings.WEBHOOK_ALLOWED_CIDRS = ["10.20.0.0/16"]
    target = check_url("https://receiver/")
    resolve_to(monkeypatch, "10.20.0.9")
    assert [str(one) for one in allowed_addresses(target)] == ["10.20.0.9"]
    resolve_to(monkeypatch, "10.21.0.9")
    with pytest.raises(UrlRefused):
        allowed_addresses(target)
