"""Train a network: `python train.py --dataset catsdogs`, `python train.py --help`."""

import sys

from app.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
