"""The driver without I/O: bytes in, bytes and events out."""
