"""Greets whoever runs it."""

__version__ = "1.0.0"


def main() -> int:
    print(f"Hello, world! This is greeter {__version__}.")
    return 0
