"""Certificates are verified for the name in the URL, and the reason is told if they are not."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from receivers import OK

from leadbook.webhooks.sending import send, tls_context
from leadbook.webhooks.targets import Target, a_policy

HERE = a_policy("127.0.0.1,[::1]")


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """Let the system trust the authority, as OpenSSL lets everybody choose."""
    path = tmp_path / "trusted.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


@pytest.fixture
def receive_as(receive, authority):
    """Start a receiver with a certificate for these names."""

    def receive_as(*identities, by=authority, seen=None, version=None, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version:
            context.minimum_version = context.maximum_version = version
        by.issue_cert(*identities, **options).configure_cert(context)
        if seen is not None:
            context.sni_callback = lambda _, name, __: seen.append(name)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return receive(tls=context)

    return receive_as


def try_once(receiver, host="hooks.example"):
    return send(Target.parse(f"https://{host}:{receiver.port}/"), {}, b"{}", HERE)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_name_is_sent_and_its_certificate_verified(trusted, receive_as, names, version):
    names.lead("hooks.example", ["127.0.0.1"])
    seen = []
    receiver = receive_as("hooks.example", seen=seen, version=version)
    outcome = try_once(receiver, "Hooks.Example.")
    assert (outcome.status, outcome.error, outcome.text) == (200, None, "ok")
    assert seen == names.asked == ["hooks.example"]
    [(_, headers, _)] = receiver.requests
    assert headers["host"] == f"hooks.example:{receiver.port}"


def test_name_beyond_ascii_is_verified_in_its_ascii_form(trusted, receive_as, names):
    names.lead("xn--bcher-kva.example", ["127.0.0.1"])
    assert try_once(receive_as("xn--bcher-kva.example"), "bücher.example").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_address_is_verified_too(trusted, receive_as, host):
    receiver = receive_as(host.strip("[]"))
    if host == "[::1]" and not receiver.has_ipv6:
        pytest.skip("this system has no IPv6")
    assert try_once(receiver, host).status == 200


def test_http_2_is_not_offered(trusted, receive_as, names):
    names.lead("hooks.example", ["127.0.0.1"])
    receiver = receive_as("hooks.example")
    spoken = []
    receiver.behave = lambda connection, _: (
        spoken.append(connection.selected_alpn_protocol()),
        connection.sendall(OK),
    )
    assert try_once(receiver).status == 200
    assert spoken == ["http/1.1"]


YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize(
    ("identities", "options", "reason"),
    [
        (["other.example"], {}, "not valid for 'hooks.example'"),
        (["example"], {}, "not valid for 'hooks.example'"),
        (["127.0.0.1"], {}, "not valid for 'hooks.example'"),
        (["hooks.example"], {"by": trustme.CA()}, "unable to get local issuer certificate"),
        (["hooks.example"], {"not_before": YESTERDAY, "not_after": YESTERDAY}, "certificate has expired"),
    ],
)  # fmt: skip
def test_wrong_certificate_is_refused(trusted, receive_as, names, identities, options, reason):
    names.lead("hooks.example", ["127.0.0.1"])
    receiver = receive_as(*identities, **options)
    outcome = try_once(receiver)
    assert outcome.status is None
    assert outcome.error.startswith("TLS: ")
    assert reason in outcome.error
    # Nothing of the event left the house.
    assert receiver.requests == []


def test_certificate_for_the_address_does_not_do_for_another_form(trusted, receive_as):
    assert try_once(receive_as("127.0.0.1"), "2130706433").error.startswith("TLS: ")


def test_receiver_that_speaks_no_tls(receive):
    receiver = receive(lambda connection, _: connection.sendall(OK), reads=False)
    outcome = try_once(receiver, "127.0.0.1")
    assert (outcome.status, outcome.error) == (None, "TLS: wrong version number")


def test_receiver_that_hangs_up_in_the_handshake(receive):
    outcome = try_once(receive(lambda *_: None, reads=False), "127.0.0.1")
    assert outcome.status is None
    assert outcome.error in ("TLS: unexpected eof while reading", "connection lost")


def test_receiver_that_wants_a_certificate_of_ours(trusted, receive_as):
    receiver = receive_as("127.0.0.1")
    receiver.tls.verify_mode = ssl.CERT_REQUIRED
    outcome = try_once(receiver, "127.0.0.1")
    assert outcome.status is None
    # With TLS 1.3, only the first answer says so, and may be overtaken by a reset.
    assert outcome.error.startswith("TLS: ") or outcome.error == "connection lost"
