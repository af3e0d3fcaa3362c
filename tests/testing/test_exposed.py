"""Test mode that other containers may use, because somebody asked for it."""

import http.client
import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from command import assert_refused, run
from waiting import PATIENCE_SECONDS

from leadbook.server.listener import CannotServeError
from leadbook.testing import running_server
from leadbook.testing.app import create_test_app

COMMAND = [sys.executable, "-m", "leadbook.cli", "serve", "--test-mode", "--port", "0"]
CALLS = (("GET", "/leads"), ("GET", "/_test/clock"), ("POST", "/_test/reset"))


def own_address():
    """Return an address of this machine that is not loopback."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            # Nothing is sent: the system only says from where it would be.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        return probe.getsockname()[0]


def statuses(url, host="crm:8000", address=None):
    """Return the statuses of some calls to the server at `url`, by another name or address."""
    found = []
    for method, path in CALLS:
        at = (address or urlsplit(url).hostname, urlsplit(url).port)
        with closing(http.client.HTTPConnection(*at, timeout=PATIENCE_SECONDS)) as connection:
            connection.request(method, path, headers={"Host": host})
            with connection.getresponse() as answer:
                answer.read()
                found.append(answer.status)
    return found


@pytest.fixture
def serve(tmp_path):
    """Start a server, and return its URL and what it has printed on stderr before it answered."""
    processes = []

    def serve(*arguments, **environment):
        with (tmp_path / "stderr").open("w+") as said:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=os.environ | environment,
            )
            processes.append(process)
            ready = json.loads(process.stdout.readline())
            said.seek(0)
            return ready["url"], said.read()

    yield serve
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_others_may_use_it_by_any_name(serve):
    url, said = serve("--expose")
    assert urlsplit(url).hostname == "0.0.0.0"
    assert said.startswith(f"Warning: test mode is exposed on {url}.")
    assert said.count("\n") == 1
    assert statuses(url, address=own_address()) == [200, 200, 204]
    assert statuses(url, "127.0.0.1", address="127.0.0.1") == [200, 200, 204]


@pytest.mark.parametrize("by", ["option", "environment"])
def test_host_that_is_given_stays(serve, by):
    if by == "option":
        url, said = serve("--expose", "--host", "127.0.0.1")
    else:
        url, said = serve("--expose", LEADBOOK_HOST="127.0.0.1")
    assert (urlsplit(url).hostname, said) == ("127.0.0.1", "")
    # Nobody is let in, so that the names are those of loopback.
    assert statuses(url) == [400, 400, 400]
    assert statuses(url, "localhost") == [200, 200, 204]


def test_names_that_are_given_stay(serve):
    url, _ = serve("--expose", "--trusted-hosts", "crm,localhost")
    assert statuses(url, address="127.0.0.1") == [200, 200, 204]
    assert statuses(url, "evil.example", address="127.0.0.1") == [400, 400, 400]


def test_without_it_loopback_stays(serve):
    assert_refused(run("serve", "--test-mode", "--port", 0, "--host", "0.0.0.0"), "--expose")
    url, said = serve()
    assert (urlsplit(url).hostname, said) == ("127.0.0.1", "")
    assert statuses(url) == [400, 400, 400]


def test_it_needs_test_mode():
    assert_refused(run("serve", "--expose", "--port", 0), "--expose needs --test-mode")


@pytest.mark.parametrize(("exposed", "expected"), [(True, [200, 200, 204]), (False, [400] * 3)])
def test_app_lets_other_machines_in_only_if_it_is_exposed(tmp_path, exposed, expected):
    app = create_test_app({"DATABASE": tmp_path / "test.db"}, exposed=exposed)
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": "172.18.0.3"}

    def found(**headers):
        return [
            client.open(path, method=method, headers=headers).status_code for method, path in CALLS
        ]

    assert found(Host="crm:8000") == expected
    assert found(Host="localhost") == [200, *([200, 204] if exposed else [403, 403])]
    # A proxy between the containers, and a web page of another origin.
    proxied = {"Host": "localhost", "X-Forwarded-For": "203.0.113.9"}
    assert found(**proxied)[0] == (200 if exposed else 403)
    assert found(Host="localhost", Origin="http://evil.example")[1:] == [403, 403]
    app.extensions["leadbook.controls"].close()
    app.extensions["leadbook"].close()


def test_server_in_a_thread_can_be_exposed():
    with running_server(exposed=True) as leadbook:
        assert statuses(leadbook.url, address=own_address()) == [200, 200, 204]
    with running_server(exposed=True, HOST="127.0.0.1") as leadbook:
        assert leadbook.url.startswith("http://127.0.0.1:")
    with pytest.raises(CannotServeError, match="exposed=True"), running_server(HOST="0.0.0.0"):
        raise AssertionError("it serves")
