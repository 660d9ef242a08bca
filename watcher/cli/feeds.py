"""`watcher feeds`: see the feeds of the configuration, and change them in its files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.asking.completing import names_of
from watcher.asking.options import done_option, is_json_asked, process_options, read_settings, say_done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.core.feeds.discover import NamedFeed


@click.group("feeds")
def command() -> None:
    """See the feeds of the configuration, and change them in its files.

    An edit keeps every comment, is written in one step, and says how to undo it. A running watcher takes it by itself.
    """


@command.command("list")
@process_options
@click.option("--tag", help="Only feeds with this tag")
@click.option("--troubled", is_flag=True, help="Only feeds that need a look")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def list_feeds(
    config: Path | None, database: str | None, data: Path | None, tag: str | None, troubled: bool, as_json: bool
) -> None:
    """List the feeds: how each is, when it last had news, and what is wrong with it.

    \b
    Example: watcher feeds list --troubled
    """
    from watcher.asking import feed_lines
    from watcher.daemon.clock import SystemClock

    now = SystemClock().now()
    known = feed_lines.known_feeds(read_settings(config=config, database=database, data=data))
    chosen = [feed for feed in known if tag is None or tag in feed.spec.tags]
    if troubled:
        chosen = [feed for feed in chosen if feed_lines.is_troubled(feed, now)]
    width = max((min(len(feed.spec.name), 40) for feed in chosen), default=0)
    for feed in chosen:
        click.echo(
            json.dumps(feed_lines.feed_mapping(feed, now), ensure_ascii=False)
            if as_json
            else feed_lines.in_short(feed, now, width)
        )
    if not as_json:
        click.echo(feed_lines.summary(known, now), err=True)


@command.command("show")
@process_options
@click.argument("name", shell_complete=names_of("feeds"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def show(config: Path | None, database: str | None, data: Path | None, name: str, as_json: bool) -> None:
    """Show one feed, by name or address: what is configured and what is remembered of it.

    \b
    Example: watcher feeds show world.example.org/rss
    """
    from watcher.asking import feed_lines
    from watcher.asking.feed_edits import feed_named
    from watcher.daemon.clock import SystemClock

    now = SystemClock().now()
    known = feed_lines.known_feeds(read_settings(config=config, database=database, data=data))
    spec = feed_named([feed.spec for feed in known], name)
    [feed] = [each for each in known if each.spec is spec]
    click.echo(
        json.dumps(feed_lines.feed_mapping(feed, now), ensure_ascii=False)
        if as_json
        else "\n".join(feed_lines.in_full(feed, now))
    )


@command.command("add")
@process_options
@done_option
@click.argument("url")
@click.option("--name", default="", help="What alerts call it [default: its host and path]")
@click.option("--tag", "tags", multiple=True, help="A word of yours, for `where: {tags: [...]}`; may be given again")
@click.option(
    "--every", default="", metavar="PERIOD", help="How often to ask at most, like 5m [default: as it changes]"
)
@click.option("--links", default="", metavar="SELECTOR", help="Read the page at URL: a CSS selector of its links")
@click.option("--choose", metavar="N", help="Which of the feeds that a page names: its number, or `all`")
@click.option("--file", "file", default="", metavar="PATH", help="File of the configuration to write to")
@click.option(
    "--allow-private",
    "allow_private",
    multiple=True,
    metavar="BLOCK",
    help="A block of addresses of your own network that it may be at, like 10.0.0.0/8; may be given again",
)
@click.option("--unseen", is_flag=True, help="Add it without asking its server")
def add(
    config: Path | None,
    database: str | None,
    data: Path | None,
    url: str,
    name: str,
    tags: tuple[str, ...],
    every: str,
    links: str,
    choose: str | None,
    file: str,
    allow_private: tuple[str, ...],
    unseen: bool,
) -> None:
    """Add the feed at URL, or a feed of the web page at URL.

    It is asked once, as the daemon would ask it, before anything is written; what was found is said.

    \b
    Examples: watcher feeds add https://world.example.org/ --tag asia
              watcher feeds add https://port.example.org/news --links 'h2 a'
              watcher feeds add https://t.me/channel
    """
    from watcher.asking import feed_edits

    settings = read_settings(config=config, database=database, data=data)
    wanted = feed_edits.Wanted(url, name, tags, every, file, allow_private, links)
    say_done(feed_edits.add(settings, wanted, lambda page, named: _chosen(page, named, choose), unseen=unseen))


def _chosen(page: str, named: Sequence[NamedFeed], choose: str | None) -> Sequence[NamedFeed]:
    """Return which of the feeds of a page are meant: the only one, what --choose says, or what the user answers."""
    from watcher.errors import ConfigError
    from watcher.settings.phrases import short
    from watcher.telemetry.logging import printable

    if len(named) == 1 and choose is None:
        return named
    if choose is None or not _is_choice(choose, len(named)):
        click.echo(f"{page} is a page that leads to these feeds:", err=is_json_asked())
        for number, feed in enumerate(named, 1):
            click.echo(
                f"  {number}  {printable(feed.url)}  {printable(feed.kind)} {short(printable(feed.title))}".rstrip(),
                err=is_json_asked(),
            )
    if choose is None and sys.stdin.isatty():
        choose = click.prompt("Which one (a number, or all)", default="1")
    if choose is None:
        raise ConfigError(f"nothing was written; say which one with --choose 1 to {len(named)}, or --choose all")
    if not _is_choice(choose, len(named)):
        raise ConfigError(f"--choose takes 1 to {len(named)}, or all; nothing was written")
    return named if choose == "all" else [named[int(choose) - 1]]


def _is_choice(choose: str, count: int) -> bool:
    return choose == "all" or (choose.isascii() and choose.isdigit() and 1 <= int(choose) <= count)


@command.command("pause")
@process_options
@done_option
@click.argument("name", shell_complete=names_of("feeds"))
def pause(config: Path | None, database: str | None, data: Path | None, name: str) -> None:
    """Stop polling a feed, by name or address; what is known of it stays.

    \b
    Example: watcher feeds pause world.example.org/rss
    """
    from watcher.asking import feed_edits

    say_done(feed_edits.pause(read_settings(config=config, database=database, data=data), name))


@command.command("resume")
@process_options
@done_option
@click.argument("name", shell_complete=names_of("feeds"))
def resume(config: Path | None, database: str | None, data: Path | None, name: str) -> None:
    """Poll a paused feed again, by name or address.

    \b
    Example: watcher feeds resume world.example.org/rss
    """
    from watcher.asking import feed_edits

    say_done(feed_edits.resume(read_settings(config=config, database=database, data=data), name))


@command.command("remove")
@process_options
@done_option
@click.argument("name", shell_complete=names_of("feeds"))
def remove(config: Path | None, database: str | None, data: Path | None, name: str) -> None:
    """Take a feed out of the configuration, by name or address; what it brought stays known.

    \b
    Example: watcher feeds remove https://world.example.org/rss
    """
    from watcher.asking import feed_edits

    say_done(feed_edits.remove(read_settings(config=config, database=database, data=data), name))


@command.command("fix")
@process_options
@done_option
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=names_of("feeds"))
@click.option(
    "--gone", type=click.Choice(["pause", "remove", "keep"]), help="What to do with feeds that are gone [default: ask]"
)
def fix(config: Path | None, database: str | None, data: Path | None, names: tuple[str, ...], gone: str | None) -> None:
    """Write what polls found out about feeds into the files: new addresses, and which are gone.

    A new address is one that the feed's server gave for good (301, 308), the same over a day. Of a feed that says
    that it is gone (410) you are asked: pause it, remove it, or keep it. Without NAME all feeds are looked at.

    \b
    Example: watcher feeds fix
             watcher feeds fix --gone pause
    """
    from watcher.asking import feed_fixes, feed_lines
    from watcher.asking.feed_edits import feed_named
    from watcher.daemon.clock import SystemClock

    settings = read_settings(config=config, database=database, data=data)
    known = feed_lines.known_feeds(settings)
    wanted = [feed_named([feed.spec for feed in known], name) for name in names]

    def decide(name: str, seen: str) -> feed_fixes.Gone:
        if gone is not None or not sys.stdin.isatty():
            return feed_fixes.Gone(gone or "keep")
        choices = click.Choice([each.value for each in feed_fixes.Gone])
        return feed_fixes.Gone(click.prompt(f"{name}: {seen} What to do", type=choices, default="pause"))

    chosen = [feed for feed in known if not names or feed.spec in wanted]
    say_done(feed_fixes.fix(settings, chosen, SystemClock().now(), decide))


@command.command("import")
@process_options
@done_option
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--tag", "tags", multiple=True, help="A further tag for all of them; may be given again")
@click.option("--file", "into", default="", metavar="PATH", help="File of the configuration [default: named as FILE]")
@click.option("--unseen", is_flag=True, help="Add them without asking their servers")
def import_feeds(
    config: Path | None,
    database: str | None,
    data: Path | None,
    file: Path,
    tags: tuple[str, ...],
    into: str,
    unseen: bool,
) -> None:
    """Add the feeds of an OPML list, as other feed readers export it; its folders become tags.

    Each is asked once. What is there already, stands twice, or is no feed is named and left out; what only does not
    answer now is named and added. Nothing is alerted: the first poll of a feed notes what is there.

    \b
    Example: watcher feeds import subscriptions.opml --tag asia
    """
    from watcher.asking.feed_lists import import_list
    from watcher.core.feeds.opml import MOST_BYTES

    def progress(done: int, count: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\rasked {done} of {count} feeds", nl=done == count, err=True)

    settings = read_settings(config=config, database=database, data=data)
    with file.open("rb") as opened:
        body = opened.read(MOST_BYTES + 1)  # one more tells that it is too large
    say_done(import_list(settings, file, body, tags, into, progress, unseen=unseen))


@command.command("export")
@process_options
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export_feeds(config: Path | None, database: str | None, data: Path | None, file: Path | None) -> None:
    """Write the feeds as an OPML list to FILE, or to standard output; passwords are no part of it.

    \b
    Example: watcher feeds export feeds.opml
    """
    from watcher.asking.configured import configuration_of
    from watcher.asking.feed_lists import export_list, exported
    from watcher.settings.phrases import counted

    feeds = configuration_of(read_settings(config=config, database=database, data=data)).feeds
    text = export_list(feeds)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{counted(len(exported(feeds)), 'feed')} written to {file}")
