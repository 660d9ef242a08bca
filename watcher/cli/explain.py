"""`watcher explain`: why each rule fires or stays quiet."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from watcher.asking.options import process_options, read_settings


@click.command("explain")
@process_options
@click.argument("text", nargs=-1, required=True)
@click.option("--rule", help="Only this rule")
@click.option("--lang", default="", help="Language of the text, when rules look at it")
@click.option("--fetch", is_flag=True, help="Fetch the page of a link that no feed gave, and explain that")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a rule")
def command(
    config: Path | None,
    database: str | None,
    data: Path | None,
    text: tuple[str, ...],
    rule: str | None,
    lang: str,
    *,
    fetch: bool,
    as_json: bool,
) -> None:
    """Say why each rule fires or stays quiet on TEXT, or on a stored article (a…); `-` reads the text from standard
    input.

    \b
    Example: watcher explain "Pyongyang ships artillery shells to Russia"
             watcher explain https://news.example/a-story --fetch
    Of a link that no feed gave it says whether a feed of its site is there and who else told the story.
    The first line of a longer text is its title, the rest its content.
    --config may be one file of the configuration alone.
    """
    from watcher.asking.explanations import (
        article_of,
        configured,
        explain_rules,
        goes_where,
        render_explanation,
        stops_of,
    )
    from watcher.asking.paths import came_from, sent_where
    from watcher.telling.explained import decided, decided_for
    from watcher.telling.json_forms import explanation_json

    settings = read_settings(config=config, database=database, data=data)
    given = sys.stdin.read() if text == ("-",) else " ".join(text)
    if not given.strip():
        raise click.UsageError("there is no text to explain; give a headline, or an article's id")
    article, record = article_of(given, lang, settings, fetch=fetch)
    configuration = configured(settings)
    explanations = explain_rules(configuration, settings, article, rule)
    stops = stops_of(settings)
    silences = configuration.silences
    for explanation in explanations:
        stopped = stops.get(explanation.rule, ())
        said = decided_for(explanation.rule, record, silences) if record is not None else ()
        goes = goes_where(explanation, article, configuration)
        click.echo(
            json.dumps({**explanation_json(explanation, stopped, said), "goes_to": goes}, ensure_ascii=False)
            if as_json
            else render_explanation(explanation, article, stopped, goes, color=sys.stdout.isatty())
        )
    if record is not None and not as_json:
        click.echo("\n".join([*came_from(record), *decided(record, silences), *sent_where(settings, record)]))
