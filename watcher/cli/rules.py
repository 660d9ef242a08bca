"""`watcher rules`: look at what rules are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watcher.settings.concepts import LibraryConcept

_WIDTH = 110


@click.group("rules")
def command() -> None:
    """Look at what rules are made of."""


@command.command("concepts")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON: one line a concept, or one object for NAME")
def concepts(name: str | None, as_json: bool) -> None:
    """List the concepts of the library, or print the words of one.

    NAME is written as in a rule: places/russia, russia or $russia. `any` stands for terms that are written alike in
    every language; `except` for words that only look like the concept. Exit 2 = there is no such concept.

    \b
    Example: watcher rules concepts
             watcher rules concepts places/russia
    """
    from watcher.settings.concepts import library_concept, library_names

    if name is not None:
        full_name = _full_name(name)
        found = library_concept(full_name)
        _write(_as_json(full_name, found)) if as_json else _print(full_name, found)
        return
    rows = [(each, library_concept(each)) for each in sorted(library_names().values())]
    for full_name, found in rows:
        if as_json:
            _write(_summary(full_name, found))
    if not as_json:
        _print_list(rows)


def _full_name(name: str) -> str:
    """Return the full name of a concept written in any of its three ways."""
    from watcher.settings.concepts import library_names
    from watcher.settings.issues import did_you_mean
    from watcher.settings.phrases import short

    known = library_names()
    wanted = name.removeprefix("$").removesuffix(".yaml")
    if wanted in known.values():
        return wanted
    if wanted in known:
        return known[wanted]
    hint = did_you_mean(wanted, known.values() if "/" in wanted else known)
    raise click.UsageError(f"the library has no concept {short(wanted)}{f'; {hint}' if hint else ''}")


def _summary(full_name: str, found: LibraryConcept) -> dict[str, object]:
    return {
        "name": full_name,
        "label": found.concept.label,
        "terms": _count(found),
        "except": len(found.masked),
        "languages": _languages(found),
    }


def _as_json(full_name: str, found: LibraryConcept) -> dict[str, object]:
    terms = {language: list(words) for language, words in found.written.items()}
    return {"name": full_name, "label": found.concept.label, "terms": terms, "except": list(found.masked)}


def _print_list(rows: list[tuple[str, LibraryConcept]]) -> None:
    names = max((len(full_name) for full_name, _ in rows), default=0)
    labels = max((len(found.concept.label) for _, found in rows), default=0)
    for full_name, found in rows:
        languages = " ".join(_languages(found))
        click.echo(f"{full_name:<{names}}  {found.concept.label:<{labels}}  {_count(found):>5} terms  {languages}")


def _print(full_name: str, found: LibraryConcept) -> None:
    click.echo(f"{full_name}: {found.concept.label}, {_count(found)} terms")
    for heading, words in (*found.written.items(), ("except", found.masked)):
        if words:
            click.echo(f"\n{heading}")
            click.echo(_wrapped(words))


def _wrapped(words: tuple[str, ...]) -> str:
    """Return words in lines; a word that holds a comma is quoted, so that a line can be copied into a rule."""
    lines = [""]
    for word in words:
        piece = f'"{word}"' if "," in word else word
        if lines[-1] and len(lines[-1]) + len(piece) > _WIDTH:
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else '  '}{piece},"
    return "\n".join(lines).removesuffix(",")


def _count(found: LibraryConcept) -> int:
    return sum(map(len, found.written.values()))


def _languages(found: LibraryConcept) -> list[str]:
    from watcher.settings.language_lists import EVERY_LANGUAGE

    return sorted(found.languages - {EVERY_LANGUAGE})


def _write(fields: dict[str, object]) -> None:
    import json

    click.echo(json.dumps(fields, ensure_ascii=False))
