"""Finding what the pages of several apps show, in a number of statements that does not grow with the rows."""
