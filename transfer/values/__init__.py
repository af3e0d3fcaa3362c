"""What the cells of other tools say: addresses, phones, dates, statuses."""
