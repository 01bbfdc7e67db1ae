"""Breaches in the browser: the list and one of them, its thread, and its corrective plan."""
