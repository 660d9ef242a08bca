"""`watcher test`: the examples beside the rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from watcher.asking.completing import names_of
from watcher.asking.options import process_options, read_settings


@click.command("test")
@click.argument("rule", nargs=-1, metavar="[RULE]...", shell_complete=names_of("rules"))
@process_options
@click.option("--json", "as_json", is_flag=True, help="JSON: one object an example; the same as --format json")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
def command(
    rule: tuple[str, ...], config: Path | None, database: str | None, data: Path | None, as_json: bool, form: str
) -> None:
    """Run the examples that stand beside the rules (`tests`), and those of the files in tests/.

    Without RULE all are run. What a rule does not answer as its example says is shown with the reason. `check` and
    each reload run them too: a change that fails one is held back. Exit 1 = an example is not met, the configuration
    has mistakes, or there is no such rule.

    \b
    Example: watcher test
             watcher test dprk-russia-military --format github
    """
    from watcher.asking.rule_tests import render_run, run_tests, tests_as_mappings
    from watcher.settings.problems import in_order, render, render_github

    settings = read_settings(config=config, database=database, data=data)
    run = run_tests(settings, rule)
    if form == "github":
        text = render_github(in_order([*run.problems, *run.differing]), prefix=f"{settings.config.as_posix()}/")
        click.echo(text, nl=bool(text))
    elif as_json or form == "json":
        for one in tests_as_mappings(run):
            click.echo(json.dumps(one, ensure_ascii=False))
    else:
        click.echo(render_run(run, color=sys.stdout.isatty()))
    if run.problems and form != "github":
        click.echo(render(run.problems), err=True)
    if not run.is_well:
        raise SystemExit(1)
