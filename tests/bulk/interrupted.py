"""Modules for `--import`, which workers load with the model; and small pieces, as a program."""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import app.bulk.run
import app.classifier.classifier as classifier

_load = classifier.load_image


def _hindered(source, *arguments, **keywords):
    """Load an image; that of the path $KILLER ends the process, unless $KILLER_ONCE exists."""
    if os.environ.get("KILLER") == str(source):
        once = os.environ.get("KILLER_ONCE")
        if once is None or not Path(once).exists():
            if once is not None:
                Path(once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(os.environ.get("SECONDS_PER_IMAGE", "0")))
    return _load(source, *arguments, **keywords)


if multiprocessing.parent_process() is not None:
    classifier.load_image = _hindered

if __name__ == "__main__":
    from app.cli import main

    app.bulk.run.PIECE = 32
    sys.exit(main(sys.argv[1:]))
