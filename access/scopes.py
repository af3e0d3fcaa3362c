"""What an API key may do."""

# Each scope includes those before it. `admin` manages webhooks.
SCOPES = READ, WRITE, ADMIN = ("read", "write", "admin")
