"""The command line. Whatever goes wrong is one line on stderr and exit status 2.

Each subcommand is a file here. What a subcommand needs is imported when it runs, so that none waits for another's; this
file imports next to nothing, so that Ctrl-C is taken well from the first moment on.
"""

import signal
import sys


def main() -> None:
    """Run the command line of this process, and exit with its status.

    While it starts, Ctrl-C ends the process at once and without a word, as nothing has begun yet that would have to be
    ended in good order. Where it is ignored, as in what a shell runs in the background, it stays so.
    """
    try:
        mine = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if mine:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except ValueError:  # on another thread than the main one
        mine = False
    try:
        from modemlab.cli.subcommands import run
    finally:
        if mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run())
