"""Work in blocks of rows on Dask's workers."""
