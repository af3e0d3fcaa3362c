"""What the rules about leads and clients refuse; errors.py says how the API answers."""


class NotFoundError(LookupError):
    """No record has this id."""


class VersionMismatchError(Exception):
    """The record has changed since the caller read it."""


class DuplicateEmailError(Exception):
    """An active client, or an open lead, `existing_id`, has this address."""

    def __init__(self, existing_id: str, who: str = "An active client") -> None:
        super().__init__(f"{who} has this e-mail address.")
        self.existing_id = existing_id


class ClientArchivedError(Exception):
    """An archived client is not changed."""


class LeadConvertedError(Exception):
    """The status of a converted lead is not changed."""
