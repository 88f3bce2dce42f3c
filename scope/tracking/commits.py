"""What git knows: files at a revision, and the commit since which something is there."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scope.base.errors import DataError
from scope.base.hashing import md5_of

FORM = "--format=%H%x09%cI%x09%s"


@dataclass(frozen=True)
class Commit:
    """A commit: its hash, when it was made (ISO 8601) and the first line of its message."""

    sha: str
    time: str
    subject: str


class History:
    """A git repository, seen from one revision or, where that is None, from the working tree."""

    def __init__(self, folder: Path = Path(), rev: str | None = None) -> None:
        self.folder = folder
        self.rev = rev
        if (
            rev is not None
            and self._git("rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}") is None
        ):
            raise DataError(f"{rev!r} is no commit, tag, branch or experiment of this repository")

    def text(self, path: str) -> str | None:
        """Return a file's text as it is seen from here, None where there is none."""
        if self.rev is not None:
            # ./ because the project may lie below the top of its repository.
            return self._git("show", f"{self.rev}:./{path}")
        try:
            return (self.folder / path).read_text(encoding="utf-8")
        except OSError:
            return None

    def since(self, words: str, path: str) -> Commit | None:
        """Return the earliest commit that brought these words into a file, None where none did."""
        # -S finds the commits that change how often the words occur, not all that touch the file.
        found = self._git("log", "--reverse", FORM, f"-S{words}", self.rev or "HEAD", "--", path)
        return _commit(found.splitlines()[0]) if found else None

    def versions(self, path: str) -> Iterable[tuple[Commit, str]]:
        """Yield the commits that changed a file with its text after them, latest first."""
        found = self._git("log", FORM, self.rev or "HEAD", "--", path)
        for line in (found or "").splitlines():
            commit = _commit(line)
            text = self._git("show", f"{commit.sha}:./{path}")
            if text is not None:
                yield commit, text

    def md5s(self, sha: str, paths: Iterable[str]) -> dict[str, str | None]:
        """Return the md5 of files and folders as a commit has them, None for those it has not."""
        return {path: self._md5(sha, path) for path in paths}

    def _md5(self, sha: str, path: str) -> str | None:
        names = (self._git("ls-tree", "-r", "--name-only", sha, "--", path) or "").splitlines()
        if names in ([], [path]):
            return self._blob_md5(f"{sha}:./{path}")
        entries = [
            {"md5": self._blob_md5(f"{sha}:./{name}"), "relpath": name.removeprefix(f"{path}/")}
            for name in names
        ]
        # As DVC has it: the md5 of the list of what is in a folder.
        entries.sort(key=lambda one: str(one["relpath"]))
        return md5_of(json.dumps(entries, sort_keys=True)) + ".dir"

    def _blob_md5(self, blob: str) -> str | None:
        done = subprocess.run(
            ["git", "cat-file", "blob", blob], cwd=self.folder, capture_output=True, check=False
        )
        if done.returncode:
            return None
        return md5_of(done.stdout)

    def _git(self, *arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise DataError("git is not installed; install it") from error
        return done.stdout if done.returncode == 0 else None


def _commit(line: str) -> Commit:
    return Commit(*line.split("\t", maxsplit=2))
