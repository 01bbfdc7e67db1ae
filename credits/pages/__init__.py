"""What pages about credits show."""
