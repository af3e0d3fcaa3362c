"""Tables of text: their separator, quotes, header and records."""
