"""Searches for neighbours."""
