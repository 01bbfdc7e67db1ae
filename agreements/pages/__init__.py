"""What the pages of procurement show, put together from what is kept."""
