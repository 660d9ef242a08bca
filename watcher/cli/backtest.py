"""`watcher backtest`: rules over what was stored."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from watcher.asking.completing import names_of
from watcher.asking.options import process_options, read_settings


@click.command("backtest")
@process_options
@click.argument("wanted", required=False, metavar="[RULE|FILE]", shell_complete=names_of("rules"))
@click.option("--days", type=click.IntRange(1, 3650), default=14, show_default=True, help="Articles of so many days")
@click.option(
    "--most", type=click.IntRange(0, 1000), default=10, show_default=True, help="So many stories of each kind"
)
@click.option("--json", "as_json", is_flag=True, help="JSON: one object a rule, with all stories")
def command(
    wanted: str | None,
    config: Path | None,
    database: str | None,
    data: Path | None,
    days: int,
    most: int,
    as_json: bool,
) -> None:
    """Show what a rule would have told of the stored articles, beside the revision that is live; sends nothing.

    RULE is the id of a rule in the configuration directory, FILE a file of rules; without one all rules are tried.
    Stories that only the edited rule tells are gained (+), those that only the live one tells lost (-). Articles go
    through the same matching, folding and stories as in the daemon; limits and quiet hours, which only delay, and
    silences are left out. Reads only, also beside a running daemon. Exit 1 = the files have mistakes, or there is no
    such rule.

    \b
    Example: watcher backtest dprk-russia-military --days 14
             watcher backtest config/rules/dprk-russia.yaml
    """
    from watcher.asking.backtests import backtest_json, backtested, render_backtest

    found = backtested(read_settings(config=config, database=database, data=data), wanted, days)
    if as_json:
        for one in found.rules:
            click.echo(json.dumps(backtest_json(one, found), ensure_ascii=False))
        return
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_backtest(found, color=color, most=most))
