"""Tells files that lost their text from files that say less: an editor or a full disk empties a file, people delete
it.
"""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.model.place import Place
from watcher.settings.configuration import Configuration
from watcher.settings.problems import Problem


def emptied_files(files: Mapping[str, str], before: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return a mistake for each file that is empty now and was not in the revision in force.

    Taken as it stands, such a file would end its rules and feeds without a word.
    """
    return tuple(
        Problem(
            Place(name, 1, 1),
            "this file is empty, and held text in the revision in force",
            hint="put its text back, or delete the file if nothing of it is wanted any more",
        )
        for name, text in sorted(files.items())
        if _is_empty(text) and not _is_empty(before.get(name, ""))
    )


def emptied(configuration: Configuration, before: Configuration) -> tuple[Problem, ...]:
    """Return what says that files which are right as they stand lost what they held before: text, or every rule and
    feed.
    """
    found = emptied_files(configuration.files, before.files)
    if found or configuration.rules or configuration.feeds or not (before.rules or before.feeds):
        return found
    return (
        Problem(
            Place(""),
            "the files hold no rule and no feed any more",
            hint="put them back; if nothing is to be watched, stop the daemon, or start it anew with these files",
        ),
    )


def _is_empty(text: str) -> bool:
    return not text.strip("\ufeff \t\r\n")
