"""What an API key may do."""

# Each scope includes those before it. `admin` manages webhooks.
SCOPES = CALENDAR, READ, WRITE, ADMIN = ("calendar", "read", "write", "admin")
