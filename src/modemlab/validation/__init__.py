"""What people write, held to what is expected: arguments, files."""
