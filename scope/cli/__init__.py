"""The command line: it parses and calls, nothing else; a module a group of commands."""

from scope.cli.main import main

__all__ = ["main"]
