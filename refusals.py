"""What the rules about leads and clients refuse; errors.py says how the API answers."""


class Refusal(Exception):  # noqa: N818  # what the errors below have in common, and none itself
    """A rule stands against what was asked."""


class NotFoundError(Refusal, LookupError):
    """No record has this id."""


class VersionMismatchError(Refusal):
    """The record has changed since the caller read it."""


class DuplicateEmailError(Refusal):
    """An active client, or an open lead, `existing_id`, has this address."""

    def __init__(self, existing_id: str, who: str = "An active client") -> None:
        super().__init__(f"{who} has this e-mail address.")
        self.existing_id = existing_id


class ClientArchivedError(Refusal):
    """An archived client is not changed."""


class LeadConvertedError(Refusal):
    """The status of a converted lead is not changed."""
