"""Keras archives that come out the same to the byte for the same network."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import keras

from scope.errors import ModelError

METADATA_FILE = "metadata.json"
FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can hold


def save_network(network: Any, path: Path) -> None:
    """Write `network` to `path`, which must end in .keras.

    Keras stores the hour of saving in the archive and in its metadata; both are taken out.
    """
    raw = path.with_name(f"raw-{path.name}")
    try:
        network.save(raw)
        _without_dates(raw, path)
    finally:
        raw.unlink(missing_ok=True)


def load_network(path: Path, kind: type) -> Any:
    """Return the network in `path`; ModelError where it holds none of class `kind`."""
    try:
        network = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        reason = str(error).strip().splitlines()[:1]
        raise ModelError(f"{path} holds no Keras network ({reason}); train it again") from error
    if not isinstance(network, kind):
        raise ModelError(f"{path} holds a {type(network).__name__}, no {kind.__name__}")
    return network


def _without_dates(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as clean:
        for name in sorted(archive.namelist()):
            content = archive.read(name)
            if name == METADATA_FILE:
                content = _undated(content)
            clean.writestr(zipfile.ZipInfo(name, FIXED_DATE), content)


def _undated(metadata: bytes) -> bytes:
    kept = {key: value for key, value in json.loads(metadata).items() if key != "date_saved"}
    return json.dumps(kept, sort_keys=True).encode()
