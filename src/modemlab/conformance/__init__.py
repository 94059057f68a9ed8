"""Whether a module, real or virtual, is as the driver expects."""
