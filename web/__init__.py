"""What every call shares: bodies, queries, answers, errors, the document, the log."""
