"""Events as requests to other systems: signing, sending, where they may go, and when again."""

# First, since it says which systems are supported; modules of this wing would miss theirs.
import leadbook.storage  # noqa: F401  # as above
