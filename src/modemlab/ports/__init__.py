"""Ports: duplex byte lines between a host and a module."""
