"""`watcher demo`: the whole job on bundled feeds."""

from __future__ import annotations

import json

import click


@click.command("demo")
@click.option("--once", is_flag=True, help="Run both waves of news once and end")
@click.option("--json", "as_json", is_flag=True, help="With --once: print one JSON object and nothing else")
@click.option("--bind", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT", help="Where the page listens")
def command(once: bool, as_json: bool, bind: str) -> None:
    """Run everything on bundled feeds, with no internet and no account.

    Ten invented outlets are served on this machine's loopback; the real poller, matcher, folding and channels work on
    them, in a temporary store. Without --once it goes on until Ctrl-C, new articles follow, and the page shows them.

    \b
    Example: watcher demo
             watcher demo --once --json
    """
    import asyncio

    from watcher.asking.demo_run import run_live, run_once

    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    if once:
        result = asyncio.run(run_once(quiet=as_json))
        click.echo(json.dumps(result, ensure_ascii=False) if as_json else _last_line(result))
    else:
        asyncio.run(run_live(bind))


def _last_line(result: dict[str, object]) -> str:
    alerts = result["alerts"]
    assert isinstance(alerts, list)
    return f"{result['articles']} articles > {result['matched']} matched > {result['stories']} stories > {len(alerts)} alerts"
