"""Reading requests so strictly that no proxy before us can see them otherwise."""

from copy import copy
from functools import lru_cache
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError

LARGEST_BODY = 8 * 1024 * 1024 + 1
LARGEST_FILE = 64 * 1024 * 1024


@lru_cache(maxsize=8)
def _smaller(adjustments: Any) -> Any:
    """Return the same adjustments for a body that is no file."""
    smaller = copy(adjustments)
    smaller.max_request_body_size = LARGEST_BODY + 1024
    return smaller


class Parser(HTTPRequestParser):
    """Lets nothing follow a body whose end a proxy may see elsewhere.

    waitress reads a body of chunks leniently, beside a Content-Length too, and in HTTP/1.0 it
    takes the chunks for the next requests.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head of a request; one with a Transfer-Encoding is the last on its connection.

        https://www.rfc-editor.org/rfc/rfc9112#section-6.1
        """
        # A folded line, such as ` Transfer-Encoding: chunked`, is a header to others.
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("Folded header line")
        super().parse_header(header_plus)
        if not self.path.endswith("/import"):
            # Else whoever has no leave to call could fill the disk.
            self.adj: Any = _smaller(self.adj)
        # waitress keeps the header only where it does not understand it.
        if self.chunked or "TRANSFER_ENCODING" in self.headers:
            self.headers["CONNECTION"] = "close"


class Channel(HTTPChannel):
    """A connection whose requests are read by our Parser."""

    parser_class = Parser
