"""Where requests begin and end, so strictly that no proxy can see it differently."""

import re
from typing import NamedTuple

import httptools

from leadbook.access.fronting import UnreadableError

LARGEST_HEAD = 32 * 1024
# Only what RFC 9112 allows: no folded lines, no bare CR or LF, no space before a colon.
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIELD = rb"%b:[\t\x20-\x7e\x80-\xff]*\r\n" % _TOKEN
_LINE = re.compile(rb"(%b) ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])\r\n" % _TOKEN)
_HEAD = re.compile(rb"%b(?:%b)*\r\n" % (_LINE.pattern, _FIELD))
_LINES = {version: f"POST / HTTP/{version}\r\n".encode() for version in ("1.0", "1.1")}
_UPGRADE = re.compile(rb"(?im)^upgrade:[^\r]*\r\n")
_TRAILER = re.compile(_FIELD)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_LENGTH = re.compile(rb"[0-9]{1,15}")

Headers = list[tuple[bytes, bytes]]


class Line(NamedTuple):
    """The first line of a request."""

    method: str
    target: bytes
    version: str


def line_of(data: bytes | bytearray) -> Line | None:
    """Return the line at the start of `data`, or None if it is incomplete or not valid."""
    found = _LINE.match(data, 0, LARGEST_HEAD)
    return Line(found[1].decode(), bytes(found[2]), found[3].decode()) if found else None


def require_known(line: Line) -> None:
    """Refuse other versions than 1.0 and 1.1, and methods that others may read differently.

    Raises UnreadableError.
    """
    if line.version not in _LINES:
        raise malformed("The version of HTTP must be 1.0 or 1.1.")
    # Werkzeug would take `get` for GET: https://www.rfc-editor.org/rfc/rfc9110#section-9.1
    if line.method != line.method.upper():
        raise malformed("The method must be in capital letters.")
    # It has no body: https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
    if line.method == "CONNECT":
        raise malformed("The method CONNECT is for proxies.")


def malformed(message: str) -> UnreadableError:
    """Return the error for a request that is not valid HTTP."""
    return UnreadableError(400, "MALFORMED_REQUEST", message)


def find_end(data: bytearray, start: int) -> int:
    """Return the length of the head at the start of `data`, or 0 while it is incomplete.

    The bytes before `start` were searched before. Raises UnreadableError.
    """
    end = data.find(b"\r\n\r\n", max(0, start - 3)) + 4
    if end < 4 and len(data) <= LARGEST_HEAD:
        if b"\n\n" in data or (data[:1].isspace() and data != b"\r"):
            raise malformed("Each line of a head ends with CR LF.")
        return 0
    if not 4 <= end <= LARGEST_HEAD:
        raise UnreadableError(431, "HEAD_TOO_LARGE", "The head is larger than 32 KiB.")
    if not _HEAD.fullmatch(data, 0, end):
        raise malformed("The head is not what RFC 9112 allows.")
    return end


def for_parser(line: Line, head: bytes) -> bytes:
    """Return `head` with a method and a target that httptools knows, and without Upgrade.

    It knows the registered methods only, and reads no body after an offer of another protocol. We
    accept no offer: https://www.rfc-editor.org/rfc/rfc9110#section-7.8
    """
    fields = head[head.index(b"\n") + 1 :]
    # Most heads have none, and the pattern takes longer.
    if b"upgrade:" in fields.lower():
        fields = _UPGRADE.sub(b"", fields)
    return _LINES[line.version] + fields


def parts_of(target: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the host (or b""), path and query of a target. Raises UnreadableError."""
    if target == b"*":
        return b"", target, b""
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise malformed("The request target is not a valid URL.") from None
    host = b"[%b]" % url.host if b":" in (url.host or b"") else url.host or b""
    if url.port:
        host += b":%d" % url.port
    return host, url.path or b"/", url.query or b""


def length_of_body(version: str, headers: Headers) -> int | None:
    """Return the length of the body in bytes, or None if it comes in chunks.

    `headers` have lower-case names. Raises UnreadableError if a proxy may see another end of the
    body.
    """
    hosts, lengths, codings = (
        [value for name, value in headers if name == wanted]
        for wanted in (b"host", b"content-length", b"transfer-encoding")
    )
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise malformed("There must be one Host header.")
    if codings:
        if version != "1.1" or lengths or [each.lower() for each in codings] != [b"chunked"]:
            raise malformed("It is not clear where the body ends.")
        return None
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
        raise malformed("Content-Length must be one whole number.")
    return int(lengths[0]) if lengths else 0


class Chunks:
    """Finds the end of a body that comes in chunks."""

    def __init__(self) -> None:
        # Missing bytes of the current chunk, without its line end.
        self._missing = 0
        self._expects = self._size
        self._trailers = 0
        self.is_complete = False

    def advance(self, data: bytearray) -> int:
        """Return how many bytes at the start of `data` certainly belong to the body.

        The next call continues after them. Raises UnreadableError.
        """
        place = 0
        while place < len(data) and not self.is_complete:
            if self._missing:
                step = min(self._missing, len(data) - place)
                self._missing -= step
                place += step
                continue
            end = data.find(b"\n", place, place + LARGEST_HEAD) + 1
            if not end:
                if len(data) - place >= LARGEST_HEAD:
                    raise malformed("A line of the body is too long.")
                break
            self._expects(bytes(data[place:end]))
            place = end
        return place

    def _size(self, line: bytes) -> None:
        found = _CHUNK.fullmatch(line)
        if not found:
            raise malformed("The size of a chunk is not what RFC 9112 allows.")
        self._missing = int(found[1], 16)
        self._expects = self._end if self._missing else self._trailer

    def _end(self, line: bytes) -> None:
        if line != b"\r\n":
            raise malformed("A chunk is longer than it says.")
        self._expects = self._size

    def _trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        self.is_complete = line == b"\r\n"
        if not self.is_complete and (self._trailers > LARGEST_HEAD or not _TRAILER.fullmatch(line)):
            raise malformed("The lines after the body are not what RFC 9112 allows.")
