"""The two pictures under docs/, made from the code: the house (apps and what they import) and the data (tables and their keys)."""
