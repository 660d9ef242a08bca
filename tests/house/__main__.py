"""Prints every place that breaks a rule of the house; `python -m tests.house`, a part of `make lint`."""

from __future__ import annotations

import sys

from tests.house.checks import faults


def main() -> int:
    """Return 1 when something was found, and 0 otherwise."""
    found = faults()
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
