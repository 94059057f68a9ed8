"""What the tables of a family of modules are made of, and what modules and drivers read them by."""
