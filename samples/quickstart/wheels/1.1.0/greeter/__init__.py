"""Greets whoever runs it, by name if there is one."""

import sys

__version__ = "1.1.0"


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else "world"
    print(f"Hello, {name}! This is greeter {__version__}.")
    return 0
