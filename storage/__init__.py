"""Records in and out of a database. It knows no Flask, and no model by name."""
