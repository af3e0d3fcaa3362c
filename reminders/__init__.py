"""The thread that adds an event when the time of a record comes; knows no Flask."""
