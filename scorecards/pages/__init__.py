"""What the pages of published months show."""
