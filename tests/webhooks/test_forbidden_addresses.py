"""Twenty ways and more to reach an address that is forbidden, of which none connects."""

import socket

import pytest
from receivers import OK, attempts

from leadbook.webhooks.sending import send
from leadbook.webhooks.targets import Target, a_policy

PUBLIC, PUBLIC_IPV6 = "192.0.1.1", "2606:4700::1111"
# Each reaches a receiver on this machine if nobody checks; `seen` is how a socket is told.
OWN = [
    "127.0.0.1",
    "127.255.1.2",
    "127.0.0.1.",
    # Decimal, octal and hexadecimal, short forms, and all of them mixed.
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F.0.0.0x1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0",
    "0.0.0.0",
    # Digits and dots of other scripts, which become those of ASCII.
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "LOCALHOST.",
    "ｌocalhost",
    "local\u00adhost",
]
OWN_IPV6 = [
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:0]",
]
# These reach something else than this machine, if anything.
ELSEWHERE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    # The metadata of clouds.
    "169.254.169.254",
    "2852039166",
    "0251.0376.0251.0376",
    "100.100.100.200",
    "168.63.129.16",
    "[fd00:ec2::254]",
    "[::ffff:169.254.169.254]",
    "[::169.254.169.254]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:a9fe:a9fe::]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
]
ANSWERS = [
    ["127.0.0.1"],
    ["::1"],
    ["169.254.169.254"],
    # One is enough, wherever it stands.
    [PUBLIC, "127.0.0.1"],
    ["127.0.0.1", PUBLIC],
    [PUBLIC, PUBLIC_IPV6, "::ffff:127.0.0.1"],
    [PUBLIC] * 20 + ["10.0.0.1"],
    ["fe80::1%1"],
]


@pytest.fixture
def receiver(receive):
    return receive()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", OWN + OWN_IPV6 + ELSEWHERE)
def test_address_in_a_url_is_never_connected_to(receiver, scheme, host):
    with attempts() as found:
        outcome = send(Target.parse(f"{scheme}://{host}:{receiver.port}/"), {}, b"{}")
    # A system may not know each of the forms; then there is no address at all.
    assert outcome.error == "forbidden address" or (
        "[" not in host and outcome.error == "unknown name"
    )
    assert (outcome.status, outcome.text, found, receiver.connected) == (None, "", [], 0)


@pytest.mark.parametrize("host", OWN + OWN_IPV6)
def test_without_the_check_it_would_be(receiver, host):
    if host in OWN_IPV6 and not receiver.has_ipv6:
        pytest.skip("this system has no IPv6")
    target = Target.parse(f"http://{host}:{receiver.port}/")
    with attempts() as found:
        outcome = send(target, {}, b"{}", a_policy("any"))
    if outcome.error == "unknown name":
        pytest.skip("this system does not know this form")
    assert (outcome.status, receiver.connected) == (200, 1)
    assert found


@pytest.mark.parametrize("addresses", ANSWERS, ids=lambda addresses: addresses[-1])
def test_name_with_a_forbidden_address_is_never_connected_to(receiver, names, addresses):
    names.lead("hooks.example", addresses)
    with attempts() as found:
        outcome = send(Target.parse(f"http://hooks.example:{receiver.port}/"), {}, b"{}")
    assert (outcome.error, found, receiver.connected) == ("forbidden address", [], 0)


def test_public_address_with_a_zone_is_never_connected_to(monkeypatch):
    place = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (PUBLIC_IPV6, 80, 0, 1))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [place])
    with attempts() as found:
        assert send(Target.parse("http://hooks.example/"), {}, b"{}").error == "forbidden address"
    assert found == []


def test_name_that_changes_its_address_is_looked_up_once(receiver, names):
    # First an address that is allowed, then this machine.
    names.lead("hooks.example", ["127.0.0.9"], ["127.0.0.1"])
    target = Target.parse(f"http://hooks.example:{receiver.port}/")
    with attempts() as found:
        outcome = send(target, {}, b"{}", a_policy("127.0.0.9"))
    assert (outcome.status, names.asked) == (200, ["hooks.example"])
    assert found == [("127.0.0.9", receiver.port)]
    with attempts() as found:
        assert send(target, {}, b"{}", a_policy("127.0.0.9")).error == "forbidden address"
    assert found == []


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "hooks.example", "[::1]"])
def test_redirect_is_not_followed(receive, names, status, host):
    inner = receive()
    location = f"http://{host}:{inner.port}/inner"
    head = f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    outer = receive(lambda connection, _: connection.sendall(head.encode()))
    names.lead("hooks.example", ["127.0.0.1"])
    with attempts() as found:
        # Even where it would be allowed.
        outcome = send(
            Target.parse(f"http://hooks.example:{outer.port}/"), {}, b"{}", a_policy("any")
        )
    assert (outcome.status, outcome.error, outcome.is_success) == (status, None, False)
    assert found == [("127.0.0.1", outer.port)]
    assert inner.connected == 0


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"])
def test_proxy_of_the_environment_is_not_used(receive, monkeypatch, variable):
    proxy, receiver = receive(), receive()
    monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
    target = Target.parse(f"http://127.0.0.1:{receiver.port}/")
    assert send(target, {}, b"{}", a_policy("127.0.0.1")).status == 200
    assert (proxy.connected, receiver.connected) == (0, 1)


def test_upgrade_and_refresh_lead_nowhere(receive):
    inner = receive()
    leads = f"Refresh: 0; url=http://127.0.0.1:{inner.port}/\r\nAlt-Svc: h2=':{inner.port}'\r\n"
    outer = receive(
        lambda connection, _: connection.sendall(OK.replace(b"\r\n", b"\r\n" + leads.encode(), 1))
    )
    target = Target.parse(f"http://127.0.0.1:{outer.port}/")
    assert send(target, {}, b"{}", a_policy("127.0.0.1")).is_success
    assert inner.connected == 0
