"""Files that are written just before they are sent, and files that are read once they are there."""
