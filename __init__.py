"""Leadbook: a CRM backend in a file."""
