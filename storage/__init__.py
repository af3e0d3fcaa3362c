"""Records in and out of a database. This wing uses no Flask, and no model by name.

Use Peewee, unless its 100 µs to build a query matter. SQL by hand is only for what runs in every
request for a record or a page, or for every row of a file, and for what Peewee cannot express, in
`sqlite/`. Each such module says how much it saves.
"""
