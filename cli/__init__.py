"""The command `leadbook`."""

try:
    import leadbook.storage  # noqa: F401  # first, since it says which systems are supported
except ImportError as error:
    raise SystemExit(f"leadbook: {error}") from None
