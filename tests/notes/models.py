"""Appended to models.py by tests/test_resource.py."""

from leadbook.storage.columns import Flag


class Note(Record):
    """Something to remember."""

    schema, new, changes = schemas.Note, schemas.NewNote, schemas.NoteChanges
    sorts = Record.sorts | {"subject": "subject_key"}
    filters = {"flag": "flag"}
    searched = ("subject", "text")
    counted_by = "flag"

    subject = peewee.TextField()
    subject_key = SortKey("subject")
    text = peewee.TextField(null=True)
    flag = Flag(default=False)

    class Meta:
        table_name = "notes"


RECORDS += (Note,)
