"""What people give about contracts and their revisions."""
