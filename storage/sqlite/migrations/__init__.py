"""The scripts that upgrade an older file, in the order of their numbers."""
