"""What a page of a list costs, whatever else the machine does."""

import itertools

from leadbook.storage.listing import list_page


def steps_of(database, model, **query):
    """Return how many instructions SQLite's machine takes for a page of 20."""
    steps = itertools.count()
    database.connection().set_progress_handler(lambda: next(steps) and 0, 1)
    try:
        list_page(model, limit=20, **query)
    finally:
        database.connection().set_progress_handler(None, 0)
    return next(steps)
