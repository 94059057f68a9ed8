"""The figures: programs that measure modemlab beside its peers, run by `make bench`."""
