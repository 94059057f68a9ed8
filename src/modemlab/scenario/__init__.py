"""What happens to a module, and when."""
