"""What is specific to SQLite: its file, its log, its index, and their maintenance."""
