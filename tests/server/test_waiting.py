"""Answers that are kept back until there is something to say, and streams."""

import http.client
import json
import signal
import socket
import statistics
import struct
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from awaited import add_views
from places import TESTS
from raw_sockets import JSON, LAST
from served import served
from waiting import PATIENCE_SECONDS, wait_until
from waitress.server import create_server

from leadbook.server import bodies, connection, crowd, sending, waiting
from leadbook.server.lanes import LaneFullError
from leadbook.testing import running_server
from server import Server

AWAITED = (str(TESTS / "awaited.py"),)
HOST = b"Host: localhost\r\n"
GET = b"GET %b HTTP/1.1\r\n" + HOST + b"\r\n"
STREAM = GET % b"/names"


class Here:
    """The front in a thread of the test."""

    def __init__(self, front):
        self.front = front
        self.waiting = front.service.waiting
        host, port = front._listener.getsockname()
        self.url = f"http://{host}:{port}"
        add_views(front.app)


@contextmanager
def serving(path, **settings):
    with served(path, **settings) as (front, _):
        yield Here(front)


@pytest.fixture
def here(path):
    with serving(path) as here:
        yield here


@pytest.fixture
def call():
    """Send a request on a connection of its own, and return that connection."""
    with ExitStack() as stack:

        def call(server, method, target, body=None):
            address = urlsplit(server.url).netloc
            one = stack.enter_context(
                closing(http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS))
            )
            headers = {"Content-Type": "application/json"} if body else {}
            one.request(method, target, json.dumps(body) if body else None, headers)
            return one

        yield call


def add(server, name):
    status, _ = ask(server, "POST", "/leads", {"name": name, "email": "ada@engines.test"})
    assert status == 201


def ask(server, method, target, body=None):
    return Server.request(server, method, target, body)


def found_by(one):
    with one.getresponse() as answer:
        return json.loads(answer.read())["found"]


def raw(server, request):
    address = urlsplit(server.url)
    one = socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS)
    one.sendall(request)
    return one


def read_all_of(one):
    return b"".join(iter(lambda: one.recv(65536), b""))


def read_until(one, wanted):
    read = b""
    while wanted not in read:
        part = one.recv(65536)
        assert part, read
        read += part
    return read


def wait_for_waiting(here, count=1):
    wait_until(lambda: len(here.waiting) == count)


def never_look_by_itself(monkeypatch):
    monkeypatch.setattr(waiting, "_LOOK_SECONDS", 3600)


def test_write_of_the_same_process_is_found_at_once(here, call, monkeypatch):
    never_look_by_itself(monkeypatch)
    ada, bob = (call(here, "GET", f"/awaited/{name}") for name in ("Ada", "Bob"))
    wait_for_waiting(here, 2)
    add(here, "Ada")
    with ada.getresponse() as answer:
        body = answer.read()
        assert (answer.status, json.loads(body)) == (200, {"found": 1})
        assert answer.headers.get_all("Content-Length") == [str(len(body))]
    # Who waits for something else goes on waiting, also when it is not the first write.
    wait_for_waiting(here, 1)
    add(here, "Bob")
    assert found_by(bob) == 1
    # The connection is kept.
    ada.request("GET", "/awaited/Ada")
    assert found_by(ada) == 1


def test_write_of_another_process_is_found(here, call, start_server, path):
    ada = call(here, "GET", "/awaited/Ada")
    wait_for_waiting(here)
    other = start_server("--database", str(path))
    add(other, "Ada")
    assert found_by(ada) == 1


def test_what_is_written_before_the_wait_begins_is_found(here, call, monkeypatch):
    never_look_by_itself(monkeypatch)
    view = here.front.app.view_functions["await_lead"]

    def write_after(**values):
        answer = view(**values)
        writing = threading.Thread(
            target=here.front.app.test_client().post,
            args=("/leads",),
            kwargs={"json": {"name": "Ada", "email": "ada@engines.test"}},
        )
        writing.start()
        writing.join()
        return answer

    here.front.app.view_functions["await_lead"] = write_after
    assert found_by(call(here, "GET", "/awaited/Ada")) == 1


def test_answer_of_the_app_comes_when_the_time_is_over(here, call):
    began = time.monotonic()
    ada = call(here, "GET", "/awaited/Ada?seconds=0.3")
    assert found_by(ada) == 0
    assert time.monotonic() - began >= 0.3
    assert len(here.waiting) == 0
    ada.request("GET", "/awaited/Ada?seconds=0")
    assert found_by(ada) == 0


def test_head_and_errors_do_not_wait(here, call):
    with call(here, "HEAD", "/awaited/Ada").getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"")
    with call(here, "HEAD", "/names").getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"")
    with call(here, "GET", "/awaited/Ada?status=404").getresponse() as answer:
        assert (answer.status, json.loads(answer.read())) == (404, {"found": 0})


def test_request_whose_body_comes_later_waits_as_well(here):
    head = b"GET /awaited/Ada HTTP/1.1\r\n" + HOST + JSON
    expecting = b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with raw(here, head + expecting) as one:
        assert one.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"{}")
        wait_for_waiting(here)
        # The budget of bodies is not held meanwhile.
        assert here.front.service.budget._bytes == bodies._ALL_IN_MEMORY
        add(here, "Ada")
        assert read_until(one, b"}\n").endswith(b'{"found":1}\n')


def test_further_requests_of_a_connection_follow_the_awaited_one(here):
    with raw(here, GET % b"/awaited/Ada" + LAST) as one:
        wait_for_waiting(here)
        add(here, "Ada")
        first, _, rest = read_all_of(one).partition(b'{"found":1}\n')
    assert first.startswith(b"HTTP/1.1 200 ")
    assert rest.startswith(b"HTTP/1.1 200 ")


def test_look_that_fails_ends_the_wait(here, call, caplog):
    failing = call(here, "GET", "/failing")
    wait_for_waiting(here)
    add(here, "Ada")
    with failing.getresponse() as answer:
        assert (answer.status, answer.read()) == (200, b"nothing")
    [record] = [each for each in caplog.records if each.name == "leadbook.server"]
    assert record.message == "A waiting request could not look for its answer."
    # The others are not concerned.
    assert found_by(call(here, "GET", "/awaited/Ada")) == 1


@pytest.mark.parametrize(("hops", "most"), [(0, 2), (1, 4)])
@pytest.mark.parametrize("limit", ["of their own", "of the connections"])
def test_beyond_the_limit_nobody_waits(path, call, monkeypatch, limit, hops, most):
    if limit == "of their own":
        monkeypatch.setattr(waiting, "_MOST", 4)
    else:
        monkeypatch.setattr(crowd, "_MOST_CONNECTIONS", 8 + hops * 100)
        monkeypatch.setattr(waiting, "_MOST", 4 if hops else 256)
    with serving(path, PROXY_HOPS=hops) as here:
        waiting_ones = [call(here, "GET", "/awaited/Ada") for _ in range(most)]
        wait_for_waiting(here, most)
        assert found_by(call(here, "GET", "/awaited/Ada")) == 0
        # A stream is its first part alone.
        with call(here, "GET", "/names").getresponse() as answer:
            assert answer.headers["Content-Length"]
            assert answer.read() == b"data: begin\n\n"
        add(here, "Ada")
        assert [found_by(one) for one in waiting_ones] == [1] * most


@pytest.mark.parametrize("target", [b"/awaited/Ada", b"/names"])
@pytest.mark.parametrize("way", ["closed", "reset"])
def test_client_that_goes_away_frees_its_place(here, monkeypatch, target, way):
    never_look_by_itself(monkeypatch)
    with raw(here, GET % target) as one:
        wait_for_waiting(here)
        if way == "reset":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_for_waiting(here, 0)


def test_client_that_has_only_closed_its_half_is_answered_at_once(here):
    with raw(here, GET % b"/awaited/Ada" + LAST) as one:
        wait_for_waiting(here)
        one.shutdown(socket.SHUT_WR)
        assert read_all_of(one).count(b"HTTP/1.1 200 ") == 2
    with raw(here, STREAM) as one:
        wait_for_waiting(here)
        one.shutdown(socket.SHUT_WR)
        assert read_all_of(one).endswith(b"0\r\n\r\n")


def test_stream_has_each_part_and_ends_properly(here, call):
    names = call(here, "GET", "/names?seconds=2")
    with names.getresponse() as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers
        assert answer.readline() + answer.readline() == b"data: begin\n\n"
        # Two at once, and one later.
        batch = [{"name": name, "email": "a@b.test"} for name in ("Ada", "Bob")]
        assert ask(here, "POST", "/leads/batch", {"create": batch})[0] == 200
        assert b"".join(answer.readline() for _ in range(4)) == b"data: Ada\n\ndata: Bob\n\n"
        add(here, "Eve")
        assert answer.read() == b"data: Eve\n\n"
    assert len(here.waiting) == 0
    names.request("GET", "/awaited/Ada")
    assert found_by(names) == 1


def test_stream_sends_a_comment_when_there_is_nothing_else(here, call, monkeypatch):
    monkeypatch.setattr(sending, "HEARTBEAT_SECONDS", 0.05)
    with call(here, "GET", "/names").getresponse() as answer:
        assert b"".join(answer.readline() for _ in range(6)) == b"data: begin\n\n" + b":\n\n" * 2
        monkeypatch.setattr(sending, "HEARTBEAT_SECONDS", 3600)
        add(here, "Ada")
        lines = iter(answer.readline, b"data: Ada\n")
        assert set(lines) <= {b":\n", b"\n"}


def test_stream_of_an_old_client_ends_with_its_connection(here):
    with raw(here, b"GET /names?seconds=1 HTTP/1.0\r\n\r\n") as one:
        wait_for_waiting(here)
        add(here, "Ada")
        head, _, body = read_all_of(one).partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert b"chunked" not in head.lower()
    assert body == b"data: begin\n\ndata: Ada\n\n"


def test_look_that_fails_ends_a_stream(here, call, monkeypatch):
    with call(here, "GET", "/names?size=nothing").getresponse() as answer:
        wait_for_waiting(here)
        [place] = here.waiting._places
        place.look = lambda: 1 / 0
        add(here, "Ada")
        assert answer.read() == b"data: begin\n\n"


def test_nothing_more_is_read_for_a_client_that_does_not_read(here, monkeypatch):
    size = 1_000_000
    with raw(here, GET % (b"/names?size=%d" % size)) as one:
        wait_for_waiting(here)
        for number in range(40):
            add(here, f"Ada {number}")
        crowd = here.front.service.crowd
        wait_until(lambda: any(each.is_behind for each in crowd._connections))
        [member] = (each for each in crowd._connections if each.is_behind)
        # What the buffers of the system hold is much less than what there is.
        assert member.unsent() <= size + 100
        [place] = here.waiting._places
        look, looks = place.look, []
        place.look = lambda: looks.append(look()) or looks[-1]
        monkeypatch.setattr(sending, "HEARTBEAT_SECONDS", 0)
        add(here, "Bob")
        assert (looks, member.is_behind) == ([], True)
        monkeypatch.setattr(connection, "_WRITE_SECONDS", 0)
        # The usual limit for whoever reads too slowly.
        wait_for_waiting(here, 0)
        read = b""
        with suppress(ConnectionError):
            while part := one.recv(1 << 20):
                read += part
        assert not read.endswith(b"0\r\n\r\n")


def test_stream_stops_at_the_first_byte_that_is_not_read(here):
    with raw(here, STREAM) as one:
        wait_for_waiting(here)
        [place] = here.waiting._places
        place.look = lambda: b"x" * 8_000
        add(here, "Ada")
        crowd = here.front.service.crowd
        wait_until(lambda: any(each.is_behind for each in crowd._connections))
        [member] = (each for each in crowd._connections if each.is_behind)
        # A heartbeat behind it would look like progress.
        assert 0 < member.unsent() <= 8_100
        assert one.recv(1)


def test_stream_whose_time_is_over_is_read_to_its_end(here, call):
    names = call(here, "GET", "/names?size=10000000&seconds=1")
    with names.getresponse() as answer:
        add(here, "Ada")
        wait_for_waiting(here, 0)
        assert len(answer.read()) > 10_000_000
    names.request("GET", "/awaited/Ada")
    assert found_by(names) == 1


def test_slow_reader_of_a_stream_gets_everything(here, call):
    size, count = 1_000_000, 20
    with call(here, "GET", f"/names?size={size}").getresponse() as answer:
        for number in range(count):
            add(here, f"Ada {number}")
        wait_until(lambda: any(each.is_behind for each in here.front.service.crowd._connections))
        read = [answer.readline() for _ in range(2 + 2 * count)]
    assert [line[:12] for line in read[2::2]] == [
        b"data: Ada %d" % n + b"x" * (n < 10) for n in range(count)
    ]


def test_they_look_one_after_the_other(here, call):
    waiting_ones = [call(here, "GET", "/awaited/Ada") for _ in range(20)]
    wait_for_waiting(here, 20)
    running, most = [], []

    def watched(look):
        def watch():
            running.append(1)
            most.append(len(running))
            # Long enough for the lane to begin another call.
            time.sleep(0.02)
            running.pop()
            return look()

        return watch

    for place in list(here.waiting._places):
        place.look = watched(place.look)
    add(here, "Ada")
    # A call of somebody else comes between.
    assert ask(here, "GET", "/leads")[0] == 200
    assert len(most) < 20
    assert [found_by(one) for one in waiting_ones] == [1] * 20
    assert set(most) == {1}


def test_state_is_looked_at_once_for_all_and_only_while_somebody_waits(here, call, monkeypatch):
    database = here.front.app.extensions["leadbook"]
    state, looks = database.state, []

    def note():
        if threading.current_thread() in fronts:
            looks.append(here.waiting._loop.time())
        return state()

    fronts = [each for each in threading.enumerate() if each.name.startswith("Thread-")]
    monkeypatch.setattr(database, "state", note)
    waiting_ones = [call(here, "GET", "/awaited/Ada") for _ in range(20)]
    wait_for_waiting(here, 20)
    # Each has looked for itself at first.
    wait_until(lambda: all(place.seen for place in list(here.waiting._places)))
    wait_until(lambda: not here.waiting._called.is_set())
    for place in list(here.waiting._places):
        place.look = lambda: looked.append(1)
    before, looked = len(looks), []
    wait_until(lambda: len(looks) >= before + 5)
    assert looked == []
    spaces = [
        later - sooner for sooner, later in zip(looks[before:], looks[before + 1 :], strict=False)
    ]
    assert min(spaces) >= 0.09
    for one in waiting_ones:
        one.close()
    wait_for_waiting(here, 0)
    wait_until(lambda: here.waiting._watching is None)


def test_database_that_is_busy_is_looked_at_again(here, call, monkeypatch):
    database = here.front.app.extensions["leadbook"]
    state, busy = database.state, [1] * 3

    def fail():
        if busy:
            busy.pop()
            raise waiting.peewee.OperationalError("database is locked")
        return state()

    ada = call(here, "GET", "/awaited/Ada")
    wait_for_waiting(here)
    monkeypatch.setattr(database, "state", fail)
    add(here, "Ada")
    assert found_by(ada) == 1


def test_look_for_which_there_is_no_thread_is_made_later(here, call, monkeypatch):
    ada = call(here, "GET", "/awaited/Ada")
    wait_for_waiting(here)
    [place] = here.waiting._places
    look, run, full = place.look, here.waiting._lane.run, [1] * 3

    async def refuse(call):
        if full and call._function is look:
            full.pop()
            raise LaneFullError
        return await run(call)

    monkeypatch.setattr(here.waiting._lane, "run", refuse)
    add(here, "Ada")
    assert found_by(ada) == 1
    assert full == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_are_answered_when_the_server_ends(start_server, call, path, workers):
    # A farewell takes minutes here.
    options = ("--database", str(path), "--workers", workers)
    assert end_with_many(start_server(*options, command=AWAITED), call) < PATIENCE_SECONDS


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_end_takes_less_than_a_second(start_server, call, tmp_path, workers):
    turns = []
    for turn in range(5):
        options = ("--database", str(tmp_path / f"{turn}.db"), "--workers", workers)
        turns.append(end_with_many(start_server(*options, command=AWAITED), call))
    # A machine with other work may hold up one of them.
    assert min(turns) < 1, turns


def end_with_many(server, call):
    """Stop a server while many wait; return how long it takes, once all are answered."""
    answered = [call(server, "GET", "/awaited/Ada") for _ in range(25)]
    streams = [call(server, "GET", "/names").getresponse() for _ in range(25)]
    for stream in streams:
        assert stream.readline() + stream.readline() == b"data: begin\n\n"
    with raw(server, GET % b"/names?size=10000000") as behind:
        add(server, "Ada Byron")
        for stream in streams:
            assert stream.readline() + stream.readline() == b"data: Ada Byron\n\n"
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        # They do not close their side, as a client that sleeps.
        assert server.process.wait(timeout=PATIENCE_SECONDS) == 0
        seconds = time.monotonic() - began
        assert behind.recv(1000)
    for one in answered:
        with one.getresponse() as answer:
            assert json.loads(answer.read()) == {"found": 0}
            assert answer.headers["Connection"] == "close"
    for stream in streams:
        assert stream.read() == b""
        stream.close()
    return seconds


@pytest.mark.long
def test_readers_that_wait_do_not_slow_others_down(start_server, call, path):
    server = start_server("--database", str(path), command=AWAITED)
    other = start_server("--database", str(path))
    with ExitStack() as stack:
        reader = stack.enter_context(
            closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60))
        )

        def median():
            """Of a page, while others write here and in another process."""
            times = []
            for number in range(300):
                if number % 30 == 0:
                    add((server, other)[number % 60 == 0], "Eve")
                began = time.perf_counter()
                reader.request("GET", "/leads")
                reader.getresponse().read()
                times.append(time.perf_counter() - began)
            return statistics.median(times)

        median()
        ratios = []
        for _ in range(5):
            alone = median()
            waiting_ones = [call(server, "GET", "/awaited/Ada") for _ in range(25)]
            streams = [call(server, "GET", "/names") for _ in range(25)]
            for stream in streams:
                assert stream.getresponse().readline() == b"data: begin\n"
            ratios.append(median() / alone)
            for one in waiting_ones + streams:
                one.close()
    assert statistics.median(ratios) < 2, ratios


def test_other_servers_answer_at_once(app, call):
    add_views(app)
    server = create_server(app, host="127.0.0.1", port=0)

    def serve():
        # To close it from here takes a socket away that it waits for.
        with suppress(OSError):
            server.run()

    running = threading.Thread(target=serve, daemon=True)
    running.start()
    server.url = f"http://127.0.0.1:{server.effective_port}"
    connections = [call(server, "GET", target) for target in ("/awaited/Ada", "/names")]
    try:
        assert found_by(connections[0]) == 0
        with connections[1].getresponse() as answer:
            assert answer.read() == b"data: begin\n\n"
    finally:
        # It runs as long as there are any.
        for one in connections:
            one.close()
        server.close()
        running.join(PATIENCE_SECONDS)
    assert not running.is_alive()


def test_faults_of_a_test_are_not_kept_back(call):
    with running_server() as leadbook:
        add_views(leadbook.app)
        leadbook.fail(path="/awaited/Ada", truncate=True)
        answer = call(leadbook, "GET", "/awaited/Ada").getresponse()
        with answer, pytest.raises(http.client.IncompleteRead):
            answer.read()
        leadbook.fail(path="/awaited/Ada", drop="after")
        with pytest.raises(ConnectionError):
            call(leadbook, "GET", "/awaited/Ada").getresponse()
        leadbook.fail(path="/awaited/Ada", status=500)
        with call(leadbook, "GET", "/awaited/Ada").getresponse() as answer:
            assert answer.status == 500


def test_test_mode_waits_even_after_a_delay(call):
    with running_server() as leadbook:
        add_views(leadbook.app)
        leadbook.fail(path="/awaited/Ada", delay_ms=50)
        ada = call(leadbook, "GET", "/awaited/Ada")
        wait_until(lambda: leadbook.requests and leadbook.requests[0].status)
        leadbook.add_lead(name="Ada")
        assert found_by(ada) == 1


def test_request_of_one_test_finds_nothing_of_the_next(call, caplog):
    with running_server() as leadbook:
        add_views(leadbook.app)
        ada, names = (call(leadbook, "GET", target) for target in ("/awaited/Ada", "/names"))
        wait_until(lambda: [each.status for each in leadbook.requests] == [200, 200])
        leadbook.reset()
        leadbook.add_lead(name="Ada")
        assert found_by(ada) == 0
        with names.getresponse() as answer:
            assert answer.read() == b"data: begin\n\n"
    assert caplog.records == []
