"""What stands in the way of a file, or of one of its rows."""


class FileRefusedError(Exception):
    """The file cannot be imported at all; the message is one line for whoever has it."""


class RowRefusedError(Exception):
    """One row cannot be imported; the message says why."""
