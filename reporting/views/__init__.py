"""What people ask for and do about a month's figures."""
