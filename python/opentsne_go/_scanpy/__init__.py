"""AnnData in scanpy's manner."""
