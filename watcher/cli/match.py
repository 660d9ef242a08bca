"""`watcher match`: the rules of a configuration over articles on stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watcher.core.matching.engine import RuleSet


@click.command("match")
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    help="Configuration directory, or one of its files alone [WATCHER_CONFIG, default: config]",
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines (the only form; kept for scripts)")
def command(config: Path | None, as_json: bool) -> None:
    """Read articles as JSON lines, write one line for each rule that an article satisfies.

    Fields are those of `watcher parse`; all but `id` may be missing. Blanks and line breaks count as in the text of
    feeds. Spans count code points of the field as given. Exit 0 = read to the end, whatever matched; 1 = the
    configuration has mistakes, or a rule could not be tried; 2 = a line is no article.

    \b
    Example: watcher parse feed.xml --json | watcher match --config config --json
    """
    from watcher.asking.article_lines import read_articles, write_line
    from watcher.asking.pasted import as_read
    from watcher.lexicon import dictionaries

    rules = _rules(config)
    complete = True
    try:
        for article in read_articles(sys.stdin):
            pasted = as_read(article)
            matches, failed = rules.match(pasted.article)
            for match in matches:
                spans = [
                    {
                        "field": s.field.value,
                        "start": s.start,
                        "end": s.end,
                        "term": s.term,
                        "concept": s.concept or None,
                    }
                    for s in map(pasted.given, match.spans)
                ]
                write_line({"article": article.id, "rule": match.rule, "spans": spans})
            for failure in failed:
                complete = False
                click.echo(f"article {article.id}: rule {failure.rule} could not be tried: {failure.error}", err=True)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from error
    for note in dictionaries.notes():
        click.echo(note, err=True)
    if not complete:
        raise SystemExit(1)


def _rules(config: Path | None) -> RuleSet:
    """Return the compiled rules of a directory or of one file; print what is wrong with them and exit 1 when they
    have mistakes.
    """
    from watcher.asking.configured import load_rules
    from watcher.asking.options import read_settings
    from watcher.lexicon.extras import compile_with_extras
    from watcher.settings.problems import render

    settings = read_settings(config=config)
    loaded = load_rules(settings.config, settings)
    if loaded.configuration is None:
        click.echo(render([problem for problem in loaded.problems if problem.is_error]), err=True)
        raise SystemExit(1)
    return compile_with_extras(loaded.configuration.rule_source(0))
