"""`python -m modemlab`."""

from modemlab.cli import main

main()
