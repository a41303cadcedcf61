"""Train a network: `python train.py --dataset catsdogs`, `python train.py --help`."""

import sys

from app.signals import ending_at_once, stopping

with stopping(), ending_at_once():  # imports take a moment
    from app.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
