"""What the pages show, put together from what is stored."""
