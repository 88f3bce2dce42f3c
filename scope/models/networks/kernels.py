"""How the kernels are compiled, and where the result is kept."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from filelock import FileLock
from llvmlite import binding as llvm
from numba.core.caching import UserProvidedCacheLocator

from scope.base.caches import cache_folder
from scope.base.errors import ModelError
from scope.base.hashing import md5_of

Kernel = TypeVar("Kernel", bound=Callable[..., object])
FOLDER = Path(__file__).parent
# Sums may be reordered, which vector instructions need; NaN and infinity stay what they are.
FASTMATH = {"reassoc", "contract", "arcp", "nsz"}


def _cache_folder() -> str:
    """Return a folder of its own for each processor and state of the kernels' source.

    Numba looks at the file of a function alone, not at those of the functions it calls. It lies
    among the person's caches, since an installation may be read-only.
    """
    processor = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    versions = (sys.version, numba.__version__, *processor)
    sources = b"".join(path.read_bytes() for path in sorted(FOLDER.glob("*.py")))
    digest = md5_of("".join(versions).encode() + sources)
    return str(cache_folder() / "kernels" / digest[:12])


logger = logging.getLogger(__name__)

CACHE = _cache_folder()


def compile_all() -> None:
    """Have the kernels compiled where that is still to be done.

    Another process does it: one that compiles them itself runs other instructions, with other
    rounding, than all those that load them from the cache. Who comes meanwhile waits.

    Raises
    ------
    ModelError : they cannot be compiled or kept
    """
    done = Path(CACHE) / "complete"
    if done.exists():
        return
    try:
        done.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(done.with_name("lock")):
            if not done.exists():
                _compile_apart()
                done.touch()
    except OSError as error:
        raise ModelError(
            f"the compiled kernels of ScopeNet cannot be kept in {CACHE}: {error.strerror}. Give "
            "this account the right to write there, or free space"
        ) from error


def _compile_apart() -> None:
    logger.info("compiling the kernels of ScopeNet, once for this version of them: about 20 s")
    where = os.environ | {"PYTHONPATH": os.pathsep.join([str(FOLDER.parents[2]), *sys.path])}
    command = [sys.executable, "-m", "scope.models.networks.warm"]
    ended = subprocess.run(command, env=where, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines()
        raise ModelError(
            f"the kernels of ScopeNet cannot be compiled: {said[-1] if said else 'no message'} "
            f"(status {ended.returncode}). For all of it run python -m scope.models.networks.warm"
        )


class ByContent(UserProvidedCacheLocator):
    """Where numba looks for compiled kernels: by what their source says, not where and when it is.

    The digest in the folder's name stands for the source, so that all clones on a machine share
    the kernels; numba itself goes by the path of a file and its time, which a clone changes.
    """

    def __init__(self, py_func: Any, py_file: str) -> None:
        super().__init__(py_func, py_file)  # type: ignore[no-untyped-call]
        self._cache_path = CACHE

    def get_source_stamp(self) -> str:
        """Return what a compiled kernel must have been compiled from."""
        return CACHE


def kernel(function: Kernel) -> Kernel:
    """Compile `function` at its first call, once a machine; it runs without Python's lock."""
    settings = vars(numba.config)
    ours = {"CACHE_DIR": CACHE, "CACHE_LOCATOR_CLASSES": f"{__name__}.{ByContent.__name__}"}
    before = {name: settings[name] for name in ours}
    settings |= ours
    try:
        compile_it = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=FASTMATH)
        return cast(Kernel, compile_it(function))
    finally:
        settings |= before
