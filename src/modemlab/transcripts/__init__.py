"""What passed on a line: its format, patterns, differences, and what is masked in it."""
