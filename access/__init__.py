"""Who may call: host, origin, key, right and rate limit."""

# First, since it says which systems are supported; modules of this wing would miss theirs.
import leadbook.storage  # noqa: F401  # as above
