"""What columns, statuses, months and phones are called, in nine languages."""
