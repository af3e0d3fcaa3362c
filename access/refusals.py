"""Why the gate refuses a request."""

from leadbook.access.rate_limit import Allowance


class UntrustedHostError(Exception):
    """The Host header is not allowed (guards against DNS rebinding)."""


class UnauthorizedError(Exception):
    """A valid key is required, and the request has none."""

    def __init__(self) -> None:
        super().__init__("A valid API key is required: Authorization: Bearer leadbook_…")


class ForbiddenError(Exception):
    """The caller may not do this, or a web page of another origin asks for it."""


class ReadOnlyKeyError(ForbiddenError):
    """The key may only read."""

    def __init__(self) -> None:
        super().__init__("This key may only read.")


class RateLimitedError(Exception):
    """Too many requests of `bucket`; `allowance` says when the caller may try again."""

    def __init__(self, allowance: Allowance, bucket: str) -> None:
        super().__init__(
            f"Too many requests {bucket}; the limit is {allowance.rate}. "
            "The Retry-After header says when to try again."
        )
        self.allowance = allowance
