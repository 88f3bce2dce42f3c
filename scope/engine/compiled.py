"""How the kernels are compiled, and where the result is kept."""

import hashlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])
FOLDER = Path(__file__).parent
# Sums may be reordered, which vector instructions need; NaN and infinity stay what they are.
FASTMATH = {"reassoc", "contract", "arcp", "nsz"}


def _cache_folder() -> str:
    """Return a folder of its own for every state of the kernels' source.

    Numba looks at the file of a function alone, not at those of the functions it calls.
    """
    sources = b"".join(path.read_bytes() for path in sorted(FOLDER.glob("*.py")))
    digest = hashlib.md5(sources, usedforsecurity=False).hexdigest()[:12]
    return str(FOLDER / "__pycache__" / digest)


logger = logging.getLogger(__name__)

CACHE = _cache_folder()
_COMPILING = threading.Lock()


def compile_all() -> None:
    """Have the kernels compiled where that is still to be done.

    Another process does it: one that compiles them itself runs other instructions, with other
    rounding, than all those that load them from the cache.
    """
    done = Path(CACHE) / "complete"
    with _COMPILING:
        if done.exists():
            return
        logger.info("compiling the kernels of ScopeNet, once for this version of them: about 20 s")
        where = os.environ | {"PYTHONPATH": os.pathsep.join([str(FOLDER.parents[1]), *sys.path])}
        subprocess.run([sys.executable, "-m", "scope.engine.warm"], env=where, check=True)
        done.touch()


def kernel(function: Kernel) -> Kernel:
    """Compile `function` at its first call, once a machine; it runs without Python's lock."""
    settings = vars(numba.config)
    before = settings["CACHE_DIR"]
    settings["CACHE_DIR"] = CACHE
    try:
        compile_it = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=FASTMATH)
        return cast(Kernel, compile_it(function))
    finally:
        settings["CACHE_DIR"] = before
