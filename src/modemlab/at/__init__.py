"""The AT language: what a command is, how a line reads, what an answer yields. No I/O, no clock."""
