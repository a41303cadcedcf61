"""The user's cache folder, for results that take time to compute.

The cache is optional. Files that are missing, damaged or of another version are computed again. If
the folder cannot be written, only that time is lost.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the cache folder of this program, which may not exist yet.

    It is `$CONVLAB_CACHE`, else `convlab` in `$XDG_CACHE_HOME`, `%LOCALAPPDATA%` or the usual
    folder of the operating system.
    """
    if os.environ.get("CONVLAB_CACHE"):
        return Path(os.environ["CONVLAB_CACHE"])
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if named and Path(named).is_absolute():  # the XDG specification ignores relative paths
        return Path(named) / "convlab"
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / f"convlab-{os.getuid()}"
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "convlab"
