"""What a page may take at most."""

# Twelve statements when it is served; in a test its transaction is a savepoint, which is made, gives the role back, and is released.
STATEMENTS = 12 + 3
BYTES = 60 * 1024
