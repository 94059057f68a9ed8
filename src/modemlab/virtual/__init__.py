"""A virtual module on ports and sockets."""
