"""What stands on a page: from rows to the words, cells and charts that a template places."""
