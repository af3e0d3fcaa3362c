"""What only SQLite understands: its file, its log, its index, and how they are kept."""
