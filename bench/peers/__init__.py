"""What a reader might use instead, each served as its own manual advises."""

# As many as `leadbook serve` has.
THREADS = 4
