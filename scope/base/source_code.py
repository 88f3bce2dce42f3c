"""Checksums of the project's code by what it does: comments and docstrings do not count."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from scope.base.hashing import file_md5, md5_of

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code_md5s(paths: Iterable[Path]) -> dict[str, str]:
    """Return path -> md5 of each file among `paths` and in the folders among them, in order."""
    return {path.as_posix(): code_md5(path) for one in paths for path in _files(one)}


def code_md5(path: Path) -> str:
    """Return the md5 of a file, of a Python one without comments, docstrings and empty lines.

    Lines are cut out of the text, which is otherwise as it is: the syntax tree, written out, would
    differ between versions of Python.
    """
    if path.suffix != ".py":
        return file_md5(path)
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for first, last in _docstrings(ast.parse(text)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    return md5_of("\n".join(line.rstrip() for line in lines if line.strip()))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    found = (one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
    yield from sorted(found)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield the first and last line of each docstring, from 1."""
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and node.body:
            first = node.body[0]
            value = first.value if isinstance(first, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield first.lineno, first.end_lineno or first.lineno
