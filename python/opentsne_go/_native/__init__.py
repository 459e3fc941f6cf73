"""The C library: found, declared, called and followed."""
