"""The command `leadbook`."""
