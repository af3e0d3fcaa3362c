"""What the schemas of all records are made of; uses no database."""
