"""From the addresses in the configuration to files on this machine, with their checksums."""

from pathlib import Path

from scope.base.errors import DataError
from scope.base.hashing import file_md5


def local_file(address: str, md5: str | None = None) -> Path:
    """Return the file at an address; with `md5` (32 hexadecimal digits), only if it is that file.

    What is in a bucket (gs://) or on the web (https://) is downloaded first.

    Raises
    ------
    DataError : the file is missing or another one
    BucketError : it cannot be downloaded
    """
    if "://" in address:
        from scope.data.downloads import downloaded

        return downloaded(address, md5)
    path = Path(address)
    if not path.is_file():
        raise DataError(
            f"{path}: no such file; make the embedded sample with `make sample`, fetch data sets "
            "with `scope fetch-datasets`, or correct dataset.training and dataset.catalogue"
        )
    if md5 is not None:
        _check_md5(path, md5)
    return path


def _check_md5(path: Path, expected: str) -> None:
    found = file_md5(path)
    if found != expected.lower():
        raise DataError(
            f"{path}: md5 is {found}, dataset.md5 pins {expected}; fetch the pinned file again, "
            "or pin the new one"
        )
