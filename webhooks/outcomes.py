"""What became of one try to send a webhook."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What became of one try to send a webhook.

    `error` is None, or says in a few words why there is no whole answer: "timeout", "refused",
    "forbidden address", "unknown name", "connection lost", "not HTTP", "headers too large", or
    "TLS: " and the reason. `status` may be there nevertheless, if only the rest was missing.
    `text` is the beginning of the answer, `retry_after` its header.
    """

    status: int | None
    error: str | None
    milliseconds: int
    text: str = ""
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver took the event: the status is 2xx, and the answer complete."""
        return self.error is None and self.status is not None and 200 <= self.status < 300
