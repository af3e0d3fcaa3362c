"""How a file comes in as a body: its type, its size, and onto the disk."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import wraps
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from leadbook.transfer.refused import temporary_storage

LARGEST_UPLOAD = 50 * 1024 * 1024
_PART_BYTES = 64 * 1024
View = Callable[..., Any]


def receive_upload(view: View, formats: Mapping[str, str]) -> View:
    """Put the body into a file, and call `view` with it as `upload`, and what it is as `format`.

    `formats` says which Content-Type is what; another one is a 415, a larger body a 413.
    """

    @wraps(view)
    def receive(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = LARGEST_UPLOAD
        with ExitStack() as stack:
            with temporary_storage():
                upload = stack.enter_context(tempfile.TemporaryFile())
            # What is too large is found here, and nothing of it is kept in memory.
            while part := request.stream.read(_PART_BYTES):
                with temporary_storage():
                    upload.write(part)
            with temporary_storage():
                upload.flush()
            if request.mimetype not in formats:
                raise UnsupportedMediaType(f"The Content-Type must be {' or '.join(formats)}.")
            return view(*args, upload=upload, format=formats[request.mimetype], **kwargs)

    return receive
