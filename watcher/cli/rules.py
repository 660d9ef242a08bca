"""`watcher rules`: look at what rules are made of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.asking.completing import names_of
from watcher.asking.options import done_option, process_options, read_settings, say_done
from watcher.cli import rules_history
from watcher.cli.stories import Since

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watcher.settings.shipped import LibraryConcept

_WIDTH = 110
_DAYS = 30


@click.group("rules")
def command() -> None:
    """See the rules as they are and were, go back, and see what they are made of."""


for one in (rules_history.list_rules, rules_history.show_rule, rules_history.history, rules_history.rollback):
    command.add_command(one)


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


@command.command("help")
@click.argument("topic", required=False)
def help_(topic: str | None) -> None:
    """Explain how rules are written, in short; TOPIC is one of those listed, or a key of a rule.

    \b
    Example: watcher rules help
             watcher rules help conditions
             watcher rules help near
    """
    from watcher.settings.rule_help import nearest_topic, topic_of, topics

    if topic is None:
        click.echo("How rules are written, in short. The whole reference: docs/reference/rule-language.md\n")
        for one in topics():
            click.echo(f"  watcher rules help {one.name:<11} {one.about}")
        click.echo(f"\n{topics()[0].text}")
        return
    found = topic_of(topic)
    if found is None:
        near = nearest_topic(topic)
        hint = f"; did you mean {near}?" if near else ""
        names = ", ".join(one.name for one in topics())
        raise click.ClickException(f"there is no topic {topic!r}{hint} Topics: {names}")
    click.echo(found.text)


@command.command("audit")
@click.argument("wanted", required=False, metavar="[RULE|CONCEPT]", shell_complete=names_of("rules"))
@process_options
@click.option("--articles", metavar="FILE", help="Articles as JSON lines, as `watcher parse` writes them; - = stdin")
@click.option("--days", type=click.IntRange(1, 3650), help="The stored articles of so many days [default: 30]")
@click.option(
    "--most", type=click.IntRange(1, 100_000), default=15, show_default=True, help="So many lines of each list"
)
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a rule, with all of each list")
def audit(
    wanted: str | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    articles: str | None,
    days: int | None,
    most: int,
    as_json: bool,
) -> None:
    """Show by which terms rules or a concept are met in many articles.

    For each group the terms that alone met it, by frequency, with a headline each: a term that means something else
    shows there. Then what was missing where only one group was, what `none` stopped, and the terms that no article
    holds. A concept is written as in a rule: $military or topics/military. Exit 1 = the configuration has mistakes,
    or there is no such rule or concept.

    \b
    Example: watcher rules audit dprk-russia-military --days 14
             watcher parse feed.xml --json | watcher rules audit $military --articles -
    """
    from watcher.asking.audits import audit_mapping, audited, from_file, render_audit, stored

    if articles is not None and days is not None:
        raise click.UsageError("--articles and --days exclude each other")
    settings = read_settings(config=config, database=database, data=data)
    found = from_file(articles) if articles is not None else stored(settings, days or _DAYS)
    for number, one in enumerate(audited(settings, wanted, found)):
        if as_json:
            _write(audit_mapping(one))
        else:
            click.echo(("\n" if number else "") + render_audit(one, most))


@command.command("propose")
@click.argument("rule", metavar="RULE", shell_complete=names_of("rules"))
@process_options
@click.option(
    "--days", type=click.IntRange(1, 3650), default=_DAYS, show_default=True, help="Stored articles of so many days"
)
@click.option("--json", "as_json", is_flag=True, help="JSON: one object")
def propose(
    rule: str, config: Path | None, database: str | None, data: Path | None, days: int, *, as_json: bool
) -> None:
    """Show which share of a rule's alerts people call useful, and the smallest change for the better.

    The change adds to `except`, `none` or `all` what takes away most alerts that were called not useful (watcher vote)
    and none that was called useful. It is shown as a diff of the file, with what it does to the stored articles;
    nothing is written. Exit 1 = the configuration has mistakes, or there is no such rule.

    \b
    Example: watcher rules propose dprk-russia-military
    """
    from watcher.asking.proposals import proposed, proposed_as_mapping, render_proposed

    found = proposed(read_settings(config=config, database=database, data=data), rule, days)
    if as_json:
        _write(proposed_as_mapping(found))
    else:
        click.echo(render_proposed(found))


@command.command("send")
@click.argument("rule", metavar="RULE", shell_complete=names_of("rules"))
@process_options
@click.option("--since", type=Since(), default="24h", show_default=True, help="How far back")
@done_option
def send(rule: str, config: Path | None, database: str | None, data: Path | None, since: timedelta) -> None:
    """Tell what a rule finds among the stored articles, one summary a channel.

    What a channel was told of already is not told again. A new or wider rule does this by itself as far back as its
    `look_back` says, for up to 20 stories. Exit 1 = there is no such rule, or the configuration has mistakes.

    \b
    Example: watcher rules send dprk-russia-military --since 3d
    """
    import asyncio

    from watcher.asking.one_round import send_rule

    say_done([asyncio.run(send_rule(read_settings(config=config, database=database, data=data), rule, since))])


@command.command("draft")
@click.argument("sentence", nargs=-1, required=True)
@process_options
@click.option(
    "--days", type=click.IntRange(1, 3650), default=14, show_default=True, help="Try it on articles of so many days"
)
@click.option("--offline", is_flag=True, help="Ask no model, also where WATCHER_DRAFT_URL names one")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object")
def draft(
    sentence: tuple[str, ...],
    config: Path | None,
    database: str | None,
    data: Path | None,
    days: int,
    *,
    offline: bool,
    as_json: bool,
) -> None:
    """Make a rule of a SENTENCE: YAML to put into a file and go on from, tried on the stored articles.

    The places and topics of the library that the sentence names must all be there, and one of its other words. It is
    made on this machine, and nothing of the sentence leaves it; where WATCHER_DRAFT_URL and WATCHER_DRAFT_MODEL name a
    model, that one is asked with the sentence and the names of shipped concepts. Exit 1 = the sentence names nothing
    to look for.

    \b
    Example: watcher rules draft "tell me when North Korean workers are sent to Russian factories"
    """
    from watcher.asking.backtests import render_backtest
    from watcher.asking.drafts import draft_json, drafted

    made = drafted(
        read_settings(config=config, database=database, data=data), " ".join(sentence), days, offline=offline
    )
    if as_json:
        _write(draft_json(made))
        return
    if made.said:
        click.echo(made.said, err=True)
    if made.by:
        click.echo(f"# suggested by {made.by}; read it before it is used")
    click.echo(made.yaml, nl=False)
    if made.backtest is None:
        click.echo("# nothing is stored yet to try it on")
        return
    for line in render_backtest(made.backtest, color=False).splitlines():
        click.echo(f"# {line}")


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
        "except": len(found.masked) + sum(map(len, found.blockers.values())),
        "languages": _languages(found),
    }


def _as_json(full_name: str, found: LibraryConcept) -> dict[str, object]:
    terms = {language: list(words) for language, words in found.written.items()}
    weak = {language: list(words) for language, words in found.weak.items()}
    blockers = {language: list(words) for language, words in found.blockers.items()}
    masks = {"except": list(found.masked), "blockers": blockers}
    return {"name": full_name, "label": found.concept.label, "terms": terms, "weak": weak, **masks}


def _print_list(rows: list[tuple[str, LibraryConcept]]) -> None:
    names = max((len(full_name) for full_name, _ in rows), default=0)
    labels = max((len(found.concept.label) for _, found in rows), default=0)
    for full_name, found in rows:
        languages = " ".join(_languages(found))
        click.echo(f"{full_name:<{names}}  {found.concept.label:<{labels}}  {_count(found):>5} terms  {languages}")


def _print(full_name: str, found: LibraryConcept) -> None:
    click.echo(f"{full_name}: {found.concept.label}, {_count(found)} terms")
    weak = ((f"{language}, weak: only beside another word", words) for language, words in found.weak.items())
    longer = (
        (f"{language}, blockers: longer words that are something else", w) for language, w in found.blockers.items()
    )
    for heading, words in (*found.written.items(), *weak, ("except", found.masked), *longer):
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
    return sum(map(len, (*found.written.values(), *found.weak.values())))


def _languages(found: LibraryConcept) -> list[str]:
    from watcher.settings.language_lists import EVERY_LANGUAGE

    return sorted(found.languages - {EVERY_LANGUAGE})


def _write(fields: Mapping[str, object]) -> None:
    import json

    click.echo(json.dumps(fields, ensure_ascii=False))
