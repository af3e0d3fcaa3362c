"""The tools that users might choose instead, each served as its manual recommends."""
