"""The demo's data: ten contracts of two organisations, two years of figures with stories in them, and the people."""
