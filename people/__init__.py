"""What records about people share: contacts themselves, and what belongs to one."""
