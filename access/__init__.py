"""Who may call: host, origin, key, right and rate limit."""
