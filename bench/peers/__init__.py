"""What a reader might use instead, each served as its own manual advises."""
