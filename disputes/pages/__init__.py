"""What the pages about relief and disputes show."""
