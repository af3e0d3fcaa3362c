"""The measurements, and the peers they are measured against. Not in the wheel."""
