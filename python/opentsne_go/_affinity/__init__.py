"""Affinities between points."""
