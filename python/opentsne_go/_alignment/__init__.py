"""Maps onto each other."""
