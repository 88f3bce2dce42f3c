"""Where what can be made again is kept between runs: downloads, compiled kernels."""

import os
from pathlib import Path

from platformdirs import user_cache_path

CACHE = "SCOPE_CACHE"  # the variable that names another folder


def cache_folder() -> Path:
    """Return the folder that SCOPE_CACHE names, else one among the person's caches."""
    named = os.environ.get(CACHE)
    return Path(named) if named else user_cache_path("scope-pipeline", appauthor=False)
