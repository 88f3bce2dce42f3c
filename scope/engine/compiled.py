"""How the kernels are compiled, and where the result is kept."""

import hashlib
import logging
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


def announce() -> None:
    """Say so where the first call of a kernel will have to wait for its compilation."""
    if not Path(CACHE).exists():
        logger.info("compiling the kernels of ScopeNet, once for this version of them: about 20 s")


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
