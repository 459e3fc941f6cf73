"""Maps of data, and new points on them."""
