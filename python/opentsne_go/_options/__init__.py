"""Options: their names and values here and in the library."""
