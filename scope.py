#!/usr/bin/env python3
"""The command line under its older name: ./scope.py COMMAND, the same as `scope COMMAND`."""

from scope.cli import main

if __name__ == "__main__":
    main()
