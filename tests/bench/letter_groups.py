"""Make `watcher/lexicon/letter_groups.txt` of the model of py3langid 0.4, which must be installed beside the project:

pip install py3langid==0.4.0 && python -m tests.bench.letter_groups
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "pl",
    "pt",
    "it",
    "nl",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "sk",
    "hu",
    "ro",
    "hr",
    "sl",
    "tr",
    "id",
    "et",
    "lv",
    "lt",
    "ca",
]
GROUPS = 14_000
STEPS = 64
RANGE = 6.0  # of natural logarithms; what is less likely than e^-6 of the best is as good as never
TABLE = Path(__file__).parents[2] / "watcher" / "lexicon" / "letter_groups.txt"
_GROUP = re.compile(r"[a-z\u00df-\u024f '’]{2,5}")


def named(model: Any) -> Iterator[tuple[str, Sequence[float]]]:
    """Yield each group of letters of the model, small, with the logarithm of its likelihood in each language."""
    columns = [model.nb_classes.index(one) for one in LANGUAGES]
    seen, waiting = {0}, deque([(0, b"")])
    told: set[int] = set()
    while waiting:
        state, letters = waiting.popleft()
        group = model.tk_output[state]
        if group >= 0 and group not in told:
            told.add(group)
            text = letters.decode("utf-8", "replace").lower()
            if _GROUP.fullmatch(text) and any(map(str.isalpha, text)):
                row = model.nb_ptc[group]
                yield text, [float(row[column]) for column in columns]
        if len(letters) < 6:
            for byte in range(256):
                after = model.tk_nextmove[(model.tk_row[state] << 8) + byte]
                if after not in seen:
                    seen.add(after)
                    waiting.append((after, letters + bytes([byte])))


def main() -> None:
    """Write the table."""
    likely: dict[str, list[float]] = {}
    for text, logs in named(import_module("py3langid.langid")._load_identifier()):
        sums = likely.setdefault(text, [0.0] * len(LANGUAGES))
        likely[text] = [known + math.exp(one) for known, one in zip(sums, logs, strict=True)]
    logs_of = {text: list(map(math.log, sums)) for text, sums in likely.items()}
    telling = sorted(logs_of, key=lambda text: -fmean(likely[text]) * pstdev(logs_of[text]))[:GROUPS]
    lines = [" ".join(LANGUAGES)]
    for text in sorted(telling):
        best = max(logs_of[text])
        steps = [round((max(one - best, -RANGE) + RANGE) / RANGE * (STEPS - 1)) for one in logs_of[text]]
        lines.append(f"{text.replace(' ', '_')} {''.join(chr(ord('0') + step) for step in steps)}")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
