"""What may stand in a path in the place of an id."""

from werkzeug.routing import BaseConverter

# The last parts of paths beside those of the records.
_CALLS = ("batch", "export", "import")


class RecordId(BaseConverter):
    """Any text but the name of a call: else `GET /leads/batch` would look for a lead."""

    regex = rf"(?!(?:{'|'.join(_CALLS)})\Z)[^/]+"
    part_isolating = True
