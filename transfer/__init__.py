"""Data in and out: reading files of other tools, and writing files that others read."""
