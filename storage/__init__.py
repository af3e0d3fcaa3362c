"""Records in and out of a database. This wing uses no Flask, and no model by name.

Use Peewee, unless its 100 µs to build a query matter. SQL by hand is only for what runs in every
request for a record or a page, or for every row of a file, and for what Peewee cannot express, in
`sqlite/`. Each such module says how much it saves.
"""

try:
    import fcntl  # noqa: F401  # the locks of files, which nearly every module needs
except ImportError:
    # Here, since the missing name alone would not say what to do.
    message = "Leadbook runs on Linux and macOS, but not on Windows. Use WSL or a container there."
    raise ImportError(message) from None
