"""The program that the RPM of greeter is made for."""

import greeter
from packaging.version import Version


def main() -> int:
    if Version(greeter.__version__) < Version("1.1"):
        print("This greeter does not know names yet.")
    return greeter.main()


if __name__ == "__main__":
    raise SystemExit(main())
