"""Leadbook as one file that needs only Python."""
