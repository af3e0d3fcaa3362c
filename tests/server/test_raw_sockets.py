"""Requests whose framing can be read in two ways: nothing that is hidden inside is executed."""

import json

from raw_sockets import JSON, LAST, LEAD, POST, assert_well, connect, talk

# Whoever reads on behind the body of another request executes this.
SMUGGLED = b"DELETE /leads/%b HTTP/1.1\r\nHost: localhost\r\n\r\n"

# The headers that frame the body, and what stands before and behind the smuggled request in it.
TWO_LENGTHS = [
    (b"Content-Length: 0\r\nContent-Length: %d\r\n", b"", b""),
    (b"Content-Length: %d\r\nContent-Length: 0\r\n", b"", b""),
    (b"Content-Length: 0, %d\r\n", b"", b""),
    (b"Content-Length: +%d\r\n", b"", b""),
    (b"Content-Length: -1\r\nX: %d\r\n", b"", b""),
    (b"Content-Length : %d\r\n", b"", b""),
    (b"Content-Length: 0\r\n Content-Length: %d\r\n", b"", b""),
    (b"Content-Length: 0\r\n\t%d\r\n", b"", b""),
    (b"Content-Length: %d\0\r\n", b"", b""),
    (b"X: a\rContent-Length: %d\r\n", b"", b""),
    (b"X: a\nContent-Length: %d\r\n", b"", b""),
    (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", b""),
    (b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n", b"0\r\n\r\n", b""),
]
ENCODINGS = [
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunkedx",
    b"Transfer-Encoding: \x0bchunked",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding: chunked\0",
    b"Transfer-Encoding : chunked",
    b"\tTransfer-Encoding: chunked",
    b" Transfer-Encoding: chunked",
    b"X: a\r\n Transfer-Encoding: chunked",
    b"X: a\nTransfer-Encoding: chunked",
    b"X: a\rTransfer-Encoding: chunked",
    b"Transfer-Encoding:\r\n chunked",
    # These two are the plain value, with blanks that may stand there.
    b"Transfer-Encoding:  chunked",
    b"Transfer-Encoding:\tchunked",
]
CHUNKED = b"Transfer-Encoding: chunked\r\nX: %d\r\n"
CHUNKS = [
    (CHUNKED, before, behind)
    for before, behind in (
        (b"-1\r\n", b"\r\n0\r\n\r\n"), (b"+2\r\n{}\r\n0\r\n\r\n", b""), (b"0x2\r\n{}\r\n0\r\n\r\n", b""),
        (b"0_2\r\n{}\r\n0\r\n\r\n", b""), (b"2\r\n{}0\r\n\r\n", b""), (b"2\n{}\n0\n\n", b""),
        (b"2;a\n=b\r\n{}\r\n0\r\n\r\n", b""), (b"2;a\rb\r\n{}\r\n0\r\n\r\n", b""), (b"2 \r\n{}\r\n0 \r\n\r\n", b""),
        (b" 2\r\n{}\r\n0\r\n\r\n", b""), (b"\r\n2\r\n{}\r\n0\r\n\r\n", b""), (b"2\r\n{}xx0\r\n\r\n", b""),
        (b"g\r\n{}\r\n0\r\n\r\n", b""), (b"2\n\r\n{}\r\n0\r\n\r\n", b""), (b"2;a\n\r\n{}\r\n0\r\n\r\n", b""),
        (b"0\n\r\n\r\n", b""),
    )
]  # fmt: skip
OLD_VERSION = [(b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nX: %d\r\n", b"", b"")]


def assert_nothing_smuggled(server, framings, version=b"1.1"):
    if not (leads := server.request("GET", "/leads")[1]["data"]):
        leads = [server.request("POST", "/leads", json.loads(LEAD))[1]]
    inside = SMUGGLED % leads[0]["id"].encode()
    for headers, before, behind in framings:
        body = before + inside + behind
        framing = headers % len(body) if b"%d" in headers else headers
        request = b"POST /leads HTTP/%b\r\nHost: localhost\r\n%b%b\r\n" % (version, JSON, framing)
        # The last request ends the connection, where what comes before it does not.
        answers = talk(server, request + body, LAST)
        case = (framing, before, answers)
        # An error of the server itself, which closes; or one answer, and that to the last request.
        assert [status for status, _ in answers] in ([400], [501], [400, 200]), case
        if len(answers) == 2:
            assert json.loads(answers[0][1])["error"]["requestId"], case
            assert json.loads(answers[1][1])["status"] == "ok", case
        assert_well(server, leads=1)


def test_differing_lengths_smuggle_nothing(server):
    assert_nothing_smuggled(server, TWO_LENGTHS)


def test_odd_transfer_encodings_smuggle_nothing(server):
    # The request stands behind the chunks, or else behind the four bytes of the length.
    for length, before, behind in (
        (b"%d", b"0\r\n\r\n", b""),
        (b"4", b"58\r\n", b"\r\n0\r\n\r\n"),
    ):
        headers = [b"%b\r\nContent-Length: %b\r\n" % (each, length) for each in ENCODINGS]
        assert_nothing_smuggled(server, [(each, before, behind) for each in headers])


def test_odd_chunks_smuggle_nothing(server):
    assert_nothing_smuggled(server, CHUNKS)


def test_transfer_encoding_of_an_older_version_smuggles_nothing(server):
    assert_nothing_smuggled(server, OLD_VERSION, b"1.0")


def test_chunk_that_never_ends_is_no_request(server):
    lead = server.request("POST", "/leads", json.loads(LEAD))[1]
    inside = SMUGGLED % lead["id"].encode()
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    with connect(server) as connection:
        connection.sendall(head + b"F" * 17 + b"\r\n" + inside)
        # One answer, to the request that cannot be read.
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert_well(server, leads=1)
