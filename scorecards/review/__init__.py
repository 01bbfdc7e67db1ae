"""What a review pack holds: the facts of some contracts and months, the sections that are made of them, and its two files."""
