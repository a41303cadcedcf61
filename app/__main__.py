"""`python -m app`: predict, evaluate, list models, look after data."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
