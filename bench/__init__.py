"""Measurements, each beside a named floor in the same run. `./dev bench` runs them all; nothing here asserts a time."""
