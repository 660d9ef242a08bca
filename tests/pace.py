"""How slow this machine is just now: hosts that are shared give less than their processors, and count it as ours."""

from __future__ import annotations

import time
from typing import Final

_ROUNDS: Final = 500_000
_IDLE_SECONDS: Final = 0.03
"""Twice what the loop takes on a laptop of 2020 that does nothing else."""


def slowness() -> float:
    """Return by which factor a bound on CPU seconds is to be raised here and now; 1.0 on an idle machine."""
    began = time.thread_time()
    for _ in range(_ROUNDS):
        pass
    return max(1.0, (time.thread_time() - began) / _IDLE_SECONDS)
