"""No receiver and no name server holds a try longer than it may take, and half a second."""

import socket
import threading
import time
from contextlib import ExitStack

import pytest
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.webhooks.sending import send
from leadbook.webhooks.targets import Target, a_policy

SECONDS, SPARE_SECONDS = 0.4, 0.5
HERE = a_policy("127.0.0.1")
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# What is sent at first, and what then goes on and on; every piece is sooner than any time limit.
DRIPS = {
    "status": (b"HTTP/1.1 200 ", b"x"),
    "header": (HEAD + b"a: ", b"b"),
    "headers": (HEAD, b"a: b\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 1000000\r\n\r\n", b"b"),
    "body without a length": (HEAD + b"\r\n", b"b"),
    "chunks": (CHUNKED, b"1\r\na\r\n"),
    "chunk size": (CHUNKED, b"0"),
    "trailers": (CHUNKED + b"0\r\n", b"a: b\r\n"),
    "empty lines": (b"", b"\r\n"),
}
# The head of a long record of TLS, and bytes of it.
TLS_DRIP = b"\x16\x03\x03\x3f\xff"


def held(target, body=b"{}", seconds=SECONDS):
    """Return the outcome of a try that is held, which must be over in time."""
    # A busy machine may lose the half second once, but not three times in a row.
    for _ in range(3):
        start = time.monotonic()
        outcome = send(target, {}, body, HERE, seconds)
        took = time.monotonic() - start
        assert outcome.error == "timeout"
        assert took >= seconds
        assert outcome.milliseconds <= took * 1000 + 1
        if took <= seconds + SPARE_SECONDS:
            return outcome
    raise AssertionError(f"It took {took} seconds.")


def target_of(receiver, scheme="http"):
    return Target.parse(f"{scheme}://127.0.0.1:{receiver.port}/")


@pytest.mark.parametrize("case", DRIPS)
def test_slow_bytes_do_not_stretch_it(receive, case):
    start, piece = DRIPS[case]

    def behave(connection, receiver):
        connection.sendall(start)
        receiver.drip(connection, piece)

    outcome = held(target_of(receive(behave)))
    assert not outcome.is_success
    assert outcome.status == (200 if "body" in case or b"chunked" in start else None)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_receiver_that_says_nothing(receive, scheme):
    receiver = receive(lambda _, receiver: receiver.is_over.wait(PATIENCE_SECONDS), reads=False)
    assert held(target_of(receiver, scheme)).status is None


def test_slow_handshake_does_not_stretch_it(receive):
    def behave(connection, receiver):
        connection.sendall(TLS_DRIP)
        receiver.drip(connection, b"\x02")

    assert held(target_of(receive(behave, reads=False), "https")).status is None


def test_time_of_the_connection_counts_for_the_handshake(receive, monkeypatch):
    receiver = receive(lambda _, receiver: receiver.is_over.wait(PATIENCE_SECONDS), reads=False)
    connect = socket.socket.connect

    def slowly(connection, address):
        time.sleep(1)
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", slowly)
    held(target_of(receiver, "https"), seconds=1.4)
    monkeypatch.undo()


def test_receiver_that_reads_nothing(receive):
    receiver = receive(lambda _, receiver: receiver.is_over.wait(PATIENCE_SECONDS), reads=False)
    assert held(target_of(receiver), body=b"a" * 50_000_000).status is None


def test_receiver_that_reads_slowly(receive):
    def behave(connection, receiver):
        while not receiver.is_over.wait(0.02):
            connection.recv(300_000)

    assert held(target_of(receive(behave, reads=False)), body=b"a" * 50_000_000).status is None


@pytest.fixture
def full_port():
    """A port whose queue is full, so that a connection is neither made nor refused."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(20):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.2)
            try:
                waiting.connect(listener.getsockname())
            except TimeoutError:
                yield listener.getsockname()[1]
                return
        pytest.skip("this system makes more connections than it should")


def test_connection_that_is_never_made(full_port):
    assert held(Target.parse(f"http://127.0.0.1:{full_port}/")).status is None


def test_address_that_does_not_answer_leaves_time_for_the_next(full_port, names):
    """There are two receivers on the port, of which the first is full."""
    with socket.create_server(("127.0.0.2", full_port)) as listener:
        names.lead("hooks.example", ["127.0.0.1", "127.0.0.2"])
        answer = threading.Thread(target=answer_once, args=(listener,))
        answer.start()
        target = Target.parse(f"http://hooks.example:{full_port}/")
        assert send(target, {}, b"", a_policy("any"), seconds=4).status == 204
        answer.join()


def answer_once(listener):
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.fixture
def stuck(monkeypatch):
    """Let every look-up wait, as for a name server that does not answer; set it to go on."""
    go_on, began, ended = threading.Event(), [], []

    def getaddrinfo(host, *_, **__):
        began.append(host)
        try:
            assert go_on.wait(PATIENCE_SECONDS)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        finally:
            ended.append(host)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield began
    go_on.set()
    wait_until(lambda: len(ended) == len(began))


def test_name_server_that_does_not_answer(stuck):
    assert held(Target.parse("http://hooks.example/")).status is None


def test_look_ups_that_hang_are_bounded(stuck, receive, monkeypatch):
    tries = [threading.Thread(target=try_it, args=(number,)) for number in range(50)]
    for each in tries:
        each.start()
    for each in tries:
        each.join(PATIENCE_SECONDS)
        assert not each.is_alive()
    assert len(stuck) == 32
    held(Target.parse("http://one.more.example/"))
    assert len(stuck) == 32


def test_look_up_that_ends_makes_room_for_another(receive):
    receiver = receive()
    for _ in range(40):
        assert send(target_of(receiver), {}, b"{}", HERE).status == 200


def try_it(number):
    assert send(Target.parse(f"http://{number}.example/"), {}, b"", HERE, 0.1).error == "timeout"
