"""Appended to schemas.py by tests/test_resource.py."""

MOODS = ("calm", "glad", "grim")


class NoteChanges(RecordInput):
    """Fields of a note to change."""

    subject = Text(REQUIRED_TEXT, longest=100, example="Call Ada")
    text = Text(NOTES, longest=1000, allow_none=True, example="About the engine.")
    flag = fields.Boolean(truthy={True}, falsy={False}, metadata={"example": True})
    rank_by = WholeNumber(metadata={"example": -1})
    mood = fields.String(validate=validate.OneOf(MOODS), metadata={"example": "calm"})


class NewNote(NoteChanges):
    """A note to create."""

    subject = Text(REQUIRED_TEXT, longest=100, required=True, example="Call Ada")


class Note(Versioned, Identified):
    """Something to remember."""

    written = NewNote

    subject = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    flag = fields.Boolean(
        required=True, metadata={"filters": {"flag": "Only notes with this flag."}}
    )
    rank_by = fields.Integer(required=True)
    mood = fields.String(required=True, validate=validate.OneOf(MOODS))
