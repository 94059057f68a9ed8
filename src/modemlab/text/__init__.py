"""How figures and names are shown in messages."""
