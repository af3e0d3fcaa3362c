"""Records in and out of a database. It knows no Flask, and no model by name.

Peewee or SQL by hand? Peewee, which takes about 100 µs to build a query. By hand is only what
every request for a record or a page runs, or every row of a file, and what Peewee has no words
for, in `sqlite/`. Each such module says what that saves.
"""
