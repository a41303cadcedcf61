"""`python -m app`: the command line."""

import sys

from app.signals import nothing_to_lose, stopping

with stopping(), nothing_to_lose():  # imports take a moment
    from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
