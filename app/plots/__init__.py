"""Arrays in, a matplotlib `Figure` out; nothing here shows or saves on its own."""
