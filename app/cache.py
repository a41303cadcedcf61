"""The user's cache folder: what can be computed again, but takes time.

Nothing here is trusted or needed: a file that is missing, damaged or of another version is made
again, and a folder that cannot be written only costs that time.
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
