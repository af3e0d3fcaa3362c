"""An export over HTTP."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Any

from flask import Response, current_app, request
from marshmallow import ValidationError
from werkzeug.wsgi import wrap_file

from leadbook.storage.database import Database
from leadbook.storage.record import Record
from leadbook.storage.system import temporary_file
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.errors import FileRefusedError, temporary_storage
from leadbook.transfer.exporting import export
from leadbook.transfer.files.formats import Format

_IN_MEMORY = 1024 * 1024


def export_file(
    model: type[Record], format: Format, media_type: str, bom: bool, **filters: Any
) -> Response:
    """Answer with the matching records of a model, from one state of the database."""
    database: Database = current_app.extensions["leadbook"]
    if request.method == "HEAD":
        # An iterator, since an empty body would give the file a length of 0.
        response = Response(iter(()), mimetype=media_type)
    else:
        try:
            parts = export(database, kind_of(model), format, **filters)
            response = file_answer(chain([BOM_UTF8] if bom else [], parts), media_type)
        except FileRefusedError as error:
            raise ValidationError(str(error), "format") from None
    name = f"{kind_of(model).name}-{database.clock.now()[:10]}.{format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def file_answer(parts: Iterator[bytes], media_type: str) -> Response:
    """Return the answer with a file, of which at most a part is in memory."""
    body, length = _put_aside(parts)
    is_file = not isinstance(body, bytes)
    response = Response(body, mimetype=media_type, direct_passthrough=is_file)
    response.content_length = length
    return response


def _put_aside(parts: Iterator[bytes]) -> tuple[bytes | Iterable[bytes], int]:
    """Return a whole file and its length. A large file is on the disk.

    Otherwise a slow reader would hold a thread, and a read transaction.
    """
    start = b""
    for part in parts:
        start += part
        if len(start) > _IN_MEMORY:
            break
    else:
        return start, len(start)
    with ExitStack() as stack:
        with temporary_storage():
            file = stack.enter_context(temporary_file())
        for part in chain([start], parts):
            with temporary_storage():
                file.write(part)
        with temporary_storage():
            length = file.tell()
            file.seek(0)
        # The response closes the file.
        stack.pop_all()
    return wrap_file(request.environ, file), length
