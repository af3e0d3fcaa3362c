"""Appended to models.py by tests/test_resource.py."""

from leadbook.storage.columns import Flag, SortKey


class Note(Record):
    """Something to remember."""

    schema, new, changes = schemas.Note, schemas.NewNote, schemas.NoteChanges
    sorts = Record.sorts | {"subject": "subject_key"}
    filters = {
        "flag": Is("flag"),
        "rank_by": Is("rank_by"),
        "rank_by_min": AtLeast("rank_by"),
        "mood": AnyOf("mood"),
        "text": AnyCase("text"),
        **Record.filters,
    }
    searched = ("subject", "text")
    counted_by = "flag"

    subject = peewee.TextField()
    subject_key = SortKey("subject")
    text = peewee.TextField(null=True)
    text_key = SortKey("text", null=True)
    flag = Flag(default=False)
    rank_by = peewee.IntegerField(default=0)
    mood = peewee.TextField(default="calm")

    class Meta:
        table_name = "notes"


RECORDS += (Note,)
