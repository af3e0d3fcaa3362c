"""Where the server listens: one address, or all of IPv4 and IPv6."""

import json
import socket
from contextlib import closing
from http.client import HTTPConnection
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from command import assert_refused, run
from flask import request

from leadbook.server.front import Front
from leadbook.server.listener import in_brackets, is_loopback, listen, url_of


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return socket.has_dualstack_ipv6()


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6 address ::1")


def get(port: int, host: str, path: str = "/leads", **headers: str):
    with closing(HTTPConnection(host, port, timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def port_of(server):
    return urlsplit(server.url).port


@needs_ipv6
@pytest.mark.parametrize(
    "host",
    ["::", *(pytest.param(each, marks=pytest.mark.long) for each in ("[::]", "0:0:0:0:0:0:0:0"))],
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_addresses_are_those_of_both_protocols(start_server, path, host, workers):
    server = start_server("--database", str(path), "--host", host, "--open", "--workers", workers)
    port = port_of(server)
    assert f"Leadbook listens on http://[::]:{port} and" in server.first_line
    for address in ("127.0.0.1", "::1", "localhost"):
        assert get(port_of(server), address)[0] == 200
    # Everybody may reach it, so any name may lead there.
    assert get(port_of(server), "127.0.0.1", Host="crm.example")[0] == 200


@needs_ipv6
def test_caller_over_ipv4_is_counted_by_its_own_address(start_server, path):
    options = ("--host", "::", "--open", "--rate-limit", "1/day", "--trusted-hosts", "crm.example")
    server = start_server("--database", str(path), *options)
    named = {"Host": "crm.example"}
    assert [get(port_of(server), "127.0.0.1", **named)[0] for _ in range(2)] == [200, 429]
    assert get(port_of(server), "::1", **named)[0] == 200


@needs_ipv6
def test_app_sees_an_address_of_ipv4_as_such(app):
    app.add_url_rule("/address", view_func=lambda: {"address": request.remote_addr})
    listener = listen("::", 0)
    port = listener.getsockname()[1]
    front, is_ready = Front(app, listener, 1), Event()
    thread = Thread(target=front.run, args=(is_ready.set,))
    thread.start()
    try:
        assert is_ready.wait(30)
        for host in ("127.0.0.1", "::1"):
            assert get(port, host, "/address") == (200, {"address": host})
    finally:
        front.stop()
        thread.join()


@needs_ipv6
def test_address_of_one_protocol_stays_one(start_server, path):
    server = start_server("--database", str(path), "--host", "::1")
    assert urlsplit(server.url).hostname == "::1"
    assert get(port_of(server), "::1")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        get(port_of(server), "127.0.0.1")
    assert get(port_of(server), "::1", Host="evil.example")[0] == 400


def test_all_addresses_of_ipv4(start_server, path):
    server = start_server("--database", str(path), "--host", "0.0.0.0", "--open")
    assert server.url.startswith("http://0.0.0.0:")
    assert get(port_of(server), "127.0.0.1", Host="crm.example")[0] == 200


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "shown"), [("::", "[::]"), ("[::]", "[::]"), ("0.0.0.0", "0.0.0.0")]
)
def test_all_addresses_need_a_key(path, host, shown):
    done = run("serve", "--database", path, "--host", host, "--port", "0")
    assert_refused(done, f"Other machines can reach {shown}, and there is no key yet.")


@needs_ipv6
def test_port_that_one_protocol_uses_is_in_use(path):
    with closing(socket.create_server(("0.0.0.0", 0))) as other:
        port = other.getsockname()[1]
        done = run("serve", "--database", path, "--host", "::", "--port", port, "--open")
        assert_refused(done, f"Cannot listen on :: port {port}")


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "is_here", "url"),
    [
        ("::", False, "http://[::]:"),
        ("0.0.0.0", False, "http://0.0.0.0:"),
        ("::1", True, "http://[::1]:"),
        ("[::1]", True, "http://[::1]:"),
        ("127.0.0.1", True, "http://127.0.0.1:"),
        ("localhost", True, "http://127.0.0.1:"),
    ],
)
def test_only_loopback_is_loopback(host, is_here, url):
    with closing(listen(host, 0)) as listener:
        assert is_loopback(listener) == is_here
        assert url_of(listener).startswith(url)


def test_address_in_a_url_has_brackets_once():
    for host in ("::1", "[::1]"):
        assert in_brackets(host) == "[::1]"
    assert in_brackets("localhost") == "localhost"
