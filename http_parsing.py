"""Reading requests so strictly that no proxy before us can see them otherwise."""

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError


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
        # waitress keeps the header only where it does not understand it.
        if self.chunked or "TRANSFER_ENCODING" in self.headers:
            self.headers["CONNECTION"] = "close"


class Channel(HTTPChannel):
    """A connection whose requests are read by our Parser."""

    parser_class = Parser
