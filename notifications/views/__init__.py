"""The inbox, and letters."""
