"""Pages about people and vendors."""
