"""What users pass, as the library takes it; what is wrong with it, in words."""
