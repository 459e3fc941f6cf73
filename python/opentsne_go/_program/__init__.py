"""What ``python -m opentsne_go`` is made of."""
