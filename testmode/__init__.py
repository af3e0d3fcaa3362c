"""Test mode: a service that a test suite resets, seeds, breaks and looks into."""
