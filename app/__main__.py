"""`python -m app`: the command line."""

import sys

from app.signals import ending_at_once, stopping

with stopping(), ending_at_once():  # imports take a moment
    from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
