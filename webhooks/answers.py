"""What a receiver answers."""

import re

import httptools

_SHOWN_CHARACTERS = 1000
# Control characters, and those that change the direction of text, which no field of ours may have.
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_RETRY_AFTER = 100
_SWITCHING_PROTOCOLS = 101
_NO_INTERIM_ANSWER = 200


class NotHttpError(OSError):
    """The answer is not HTTP/1."""


class Answer:
    """An answer that arrives piece by piece. Its methods with `on_` are called by the parser."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after: str | None = None
        self.is_complete = False
        self._body = bytearray()
        self._ends_with_connection = True
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises NotHttpError."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # What follows a complete answer does not matter.
            if not self.is_complete:
                raise NotHttpError from error

    def end(self) -> None:
        """Take the end of the connection. Raises ConnectionError if something is missing."""
        if self.status is None or not (self.is_complete or self._ends_with_connection):
            raise ConnectionError
        self.is_complete = True

    @property
    def text(self) -> str:
        """The beginning of the body, as far as it is text that can be shown."""
        text = self._body.decode(errors="replace").replace("\r\n", "\n")
        return _NOT_SHOWN.sub("\ufffd", text[:_SHOWN_CHARACTERS])

    def on_message_begin(self) -> None:
        """Forget the headers of an interim answer before this one."""
        if not self.is_complete:
            self.retry_after, self._ends_with_connection = None, True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note the headers that matter."""
        if self.is_complete:
            return
        match name.lower():
            case b"retry-after":
                self.retry_after = value[:_LONGEST_RETRY_AFTER].decode("latin-1")
            case b"content-length":
                self._ends_with_connection = False
            case b"transfer-encoding" if b"chunked" in value.lower():
                self._ends_with_connection = False

    def on_headers_complete(self) -> None:
        """Note the status, unless it is that of an interim answer such as 103."""
        status = self._parser.get_status_code()
        if status >= _NO_INTERIM_ANSWER or status == _SWITCHING_PROTOCOLS:
            self.status = self.status or status

    def on_body(self, data: bytes) -> None:
        """Keep the body as it comes: it is never decompressed."""
        if not self.is_complete:
            self._body += data

    def on_message_complete(self) -> None:
        """Note that the answer is complete, unless it was an interim one."""
        self.is_complete = self.status is not None
