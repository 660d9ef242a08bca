"""`watcher rules list`, `show`, `history` and `rollback`: rules as they are and as they were."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.asking.completing import names_of
from watcher.asking.options import process_options, read_settings


@click.command("list")
@process_options
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a rule")
def list_rules(config: Path | None, database: str | None, data: Path | None, *, as_json: bool) -> None:
    """List the rules of the files: whether each is in force, held back by an example, or paused.

    Exit 1 = the files have mistakes.

    \b
    Example: watcher rules list
    """
    from watcher.asking.revisions import listed_rules, render_rules, rule_mapping

    found = listed_rules(read_settings(config=config, database=database, data=data))
    if as_json:
        for one in found:
            click.echo(json.dumps(rule_mapping(one), ensure_ascii=False))
    else:
        click.echo(render_rules(found))


@click.command("show")
@click.argument("rule", required=False, shell_complete=names_of("rules"))
@process_options
@click.option(
    "--revision", type=click.IntRange(1), help="As it was in this revision [default: as it stands in the files]"
)
@click.option("--file", "file", help="A whole file of a revision instead of a rule")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object with the text")
def show_rule(
    rule: str | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    revision: int | None,
    file: str | None,
    *,
    as_json: bool,
) -> None:
    """Show how a rule is written, now or in an earlier revision.

    Secrets that stood in a file are not stored. Exit 1 = there is no such rule or revision, or the files have mistakes.

    \b
    Example: watcher rules show dprk-russia-military --revision 41
             watcher rules show --revision 41 --file rules/dprk-russia.yaml
    """
    from watcher.asking.revisions import text_of_file, text_of_rule

    settings = read_settings(config=config, database=database, data=data)
    if file is not None and revision is not None and rule is None:
        text, at = text_of_file(settings, revision, file), f"{file}:1:1"
    elif rule is not None and file is None:
        found, text = text_of_rule(settings, rule, revision)
        at = str(found.place)
    else:
        raise click.UsageError("name a rule, or a file with its revision: --revision N --file NAME")
    click.echo(
        json.dumps({"at": at, "revision": revision, "text": text}, ensure_ascii=False)
        if as_json
        else f"# {at}{f' of revision {revision}' if revision is not None else ''}\n{text}"
    )


@click.command("history")
@click.argument("revision", required=False, type=click.IntRange(1))
@process_options
@click.option("--most", type=click.IntRange(1, 500), default=20, show_default=True, help="So many revisions")
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a revision, with its diff")
def history(
    revision: int | None, config: Path | None, database: str | None, data: Path | None, most: int, *, as_json: bool
) -> None:
    """List the revisions of the configuration, the newest first: when each was taken and which files it changed.

    With REVISION, show what it changed as a diff. Exit 1 = there is no such revision, or no database.

    \b
    Example: watcher rules history
             watcher rules history 42
    """
    from watcher.asking.revisions import render_steps, step_mapping, step_of, steps

    settings = read_settings(config=config, database=database, data=data)
    found = steps(settings, most) if revision is None else [step_of(settings, revision)]
    if as_json:
        for step in found:
            click.echo(json.dumps(step_mapping(step), ensure_ascii=False))
        return
    click.echo(render_steps(found))
    if revision is not None:
        for lines in found[0].diffs().values():
            click.echo("".join(lines).rstrip("\n"))


@click.command("rollback")
@click.argument("revision", required=False, type=click.IntRange(1))
@process_options
@click.option("--rule", help="Put back this rule alone, and leave all else as it is", shell_complete=names_of("rules"))
@click.option("--json", "as_json", is_flag=True, help="JSON: one object with what was done")
def rollback(
    revision: int | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    rule: str | None,
    *,
    as_json: bool,
) -> None:
    """Write the files of an earlier revision in place of those of now, whatever state they are in.

    Without REVISION that is the one in force, where the files are others by now, else the one before. What is replaced
    is kept beside each file, and the way back is said. A running daemon takes the files at once, another one at its
    start. With --rule only that rule is put back, where the files of now can be read. Exit 1 = there is no such
    revision or rule, or its files cannot be written; nothing was changed then.

    \b
    Example: watcher rules rollback
             watcher rules rollback 41
             watcher rules rollback 41 --rule dprk-russia-military
    """
    from watcher.asking.revisions import rolled_back
    from watcher.asking.rule_back import rule_rolled_back

    settings = read_settings(config=config, database=database, data=data)
    lines = rolled_back(settings, revision) if rule is None else rule_rolled_back(settings, rule, revision)
    click.echo(json.dumps({"done": lines}, ensure_ascii=False) if as_json else "\n".join(lines))
