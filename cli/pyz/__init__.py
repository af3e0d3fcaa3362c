"""Leadbook as one file that needs nothing but Python."""
