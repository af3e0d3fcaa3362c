"""The calls under /notes: routes/notes.py of tests/test_resource.py."""

from flask import jsonify

from leadbook import schemas
from leadbook.models import Note
from leadbook.storage.listing import list_page
from leadbook.storage.rendering import show
from leadbook.web import batch, responses
from leadbook.web.files import EXPORT, UPLOADS, export_file, import_file
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.queries import export_query, import_query, list_query

blueprint = Operations("notes", __name__, description="Something to remember.")


@blueprint.read("/notes", responses.page_of(Note), query=list_query(Note))
def list_notes(**query):
    """List notes."""
    return list_page(Note, **query)


@blueprint.write("POST", "/notes", schemas.Note, status=201, body=schemas.NewNote)
def create_note(body):
    """Create a note."""
    return Note.create_from(body)


@blueprint.write("POST", "/notes/batch", responses.BatchResult, body=batch.batch_of(Note))
def change_notes(body):
    """Change many notes."""
    return jsonify(batch.carry_out(Note, body))


@blueprint.upload("/notes/import", ImportReport, UPLOADS, query=import_query(Note))
def import_notes(upload, **query):
    """Import notes."""
    return import_file(Note, upload, **query)


@blueprint.read("/notes/export", query=export_query(Note), is_long=True, **EXPORT)
def export_notes(**query):
    """Export notes."""
    return export_file(Note, **query)


@blueprint.read("/notes/<record:id>", schemas.Note)
def get_note(id):
    """Get a note."""
    return show(Note, id)


@blueprint.change("/notes/<record:id>", schemas.Note, body=schemas.NoteChanges)
def update_note(id, versions, body):
    """Change a note."""
    return Note.fetch(id, versions).change(body)


@blueprint.write("DELETE", "/notes/<record:id>", status=204)
def delete_note(id, versions):
    """Erase a note."""
    Note.fetch(id, versions).delete_for_good()
