"""The command line: one verb a file, each loaded only when it is asked for."""

from __future__ import annotations

import importlib
import re

import click

from watcher.core.spelling import nearest_word

VERBS = {
    "init": "Write a configuration to begin with",
    "run": "Poll, match, alert and serve the page until stopped",
    "demo": "Run everything on bundled feeds, with no internet and no account",
    "check": "Find every mistake in the configuration",
    "test": "Run the examples beside the rules",
    "plan": "Show what a reload of the files would change",
    "poll": "Fetch feeds now, once, and show what came",
    "parse": "Read feed documents and print their articles as JSON lines",
    "match": "Match articles (JSON lines) against the rules of a configuration",
    "dedup": "Say which articles (JSON lines) are copies of earlier ones",
    "explain": "Say why each rule fires or stays quiet on a text or article",
    "search": "Find stored articles by the rule language",
    "tail": "Follow articles, decisions and messages as they come",
    "backtest": "Show what rules would have told of the stored articles",
    "notify": "Try a channel, or see an alert as it would look there",
    "deliveries": "See and repeat what was sent",
    "stories": "See what was told of each story, and what was told to nobody and why",
    "feeds": "See the feeds, add, pause and remove them",
    "mute": "Keep a rule, feed, story or word quiet for a while",
    "vote": "Say whether an alert was useful, and see what was said",
    "missed": "Note a text that a rule should have found as an example beside it",
    "status": "Say how everything is, on one screen",
    "health": "Ask the running daemon whether it is well",
    "privacy": "List where bytes go, who chose that, and what goes there",
    "doctor": "Describe this installation, to paste into an issue",
    "db": "Look after the store",
    "rules": "See the rules as they are and were, go back, and see what they are made of",
    "schema": "Print the JSON Schema of the configuration files",
    "completion": "Print what makes a shell complete verbs and options",
}


ELSEWHERE = {
    "send": "watcher notify test CHANNEL",
    **dict.fromkeys(("preview", "render"), "watcher notify preview RULE --channel CHANNEL"),
    **dict.fromkeys(("find", "grep", "articles"), "watcher search QUERY"),
    **dict.fromkeys(("why", "trace", "show"), "watcher explain TEXT|ARTICLE"),
    **dict.fromkeys(("redrive", "retry", "resend"), "watcher deliveries retry MESSAGE, or retry --dead for all"),
    **dict.fromkeys(("outbox", "queue", "messages", "dead"), "watcher deliveries list"),
    **dict.fromkeys(("silence", "snooze", "unmute", "silences"), "watcher mute"),
    **dict.fromkeys(("validate", "lint", "verify", "config"), "watcher check"),
    **dict.fromkeys(("start", "serve", "daemon", "watch"), "watcher run"),
    **dict.fromkeys(("release", "suppressed"), "watcher stories suppressed, and stories release ARTICLE"),
    **dict.fromkeys(("add", "import", "export", "opml", "pause", "resume", "remove"), "watcher feeds {}"),
    **dict.fromkeys(("concepts", "audit", "draft", "rollback", "history"), "watcher rules {}"),
    **dict.fromkeys(("revert", "undo"), "watcher rules rollback"),
    **dict.fromkeys(("diff", "preflight"), "watcher plan"),
    **dict.fromkeys(("migrate", "stats"), "watcher db {}"),
    **dict.fromkeys(("backup", "restore"), "watcher db {} FILE"),
    "upgrade": "watcher db migrate",
    **dict.fromkeys(("fetch", "update", "refresh"), "watcher poll"),
    **dict.fromkeys(("new", "setup", "quickstart"), "watcher init DIR"),
    "ping": "watcher health",
    **dict.fromkeys(("log", "logs"), "watcher tail (docker compose logs has what `watcher run` printed)"),
    **dict.fromkeys(("channel", "channels"), "watcher check (it says who gets what), or watcher notify test CHANNEL"),
    **dict.fromkeys(("alerts", "sent"), "watcher deliveries list, or watcher stories"),
}
"""Verbs of other programs, and what does the same here."""

_NO_VERB = {
    "stop": "Ctrl-C ends `watcher run` where it runs; in a container: docker compose stop",
    "reload": "files that you save are taken within seconds; `watcher plan` shows what would change",
    "version": "it is an option: watcher --version",
}
"""What needs no verb here, and how it comes about."""

DOCS = {
    **dict.fromkeys(("init", "run"), "how-to/run-in-a-container.md"),
    "demo": "tutorial/first-alert.md",
    **dict.fromkeys(("check", "test", "plan", "rules", "missed"), "how-to/edit-rules.md"),
    **dict.fromkeys(("backtest",), "how-to/try-a-rule-on-the-past.md"),
    "explain": "how-to/why-no-alert.md",
    "search": "how-to/search-the-past.md",
    "feeds": "how-to/feeds.md",
    "mute": "how-to/quiet-nights.md",
    "vote": "how-to/judge-a-rule.md",
    "privacy": "how-to/where-bytes-go.md",
    **dict.fromkeys(("status", "health", "doctor", "deliveries", "notify"), "how-to/when-something-is-wrong.md"),
    "db": "how-to/run-in-a-container.md",
    **dict.fromkeys(("parse", "match", "dedup"), "reference/json.md"),
    "schema": "reference/configuration.md",
}
"""The page that says more of a verb, below `docs`; of others it is the list of verbs."""

INTERRUPTED = 130
"""The exit code, as a shell says of what Ctrl-C ended."""

_UNKNOWN = re.compile(r"No such command '([^']{1,200})'\.$")
_LIST = "`watcher --help` lists what there is."


class Verbs(click.Group):
    """A group whose verbs are listed without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb; None = there is no such verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"watcher.cli.{cmd_name}").command
        page = f"docs/{DOCS.get(cmd_name, 'reference/commands.md')}"
        for one in (command, *(command.commands.values() if isinstance(command, click.Group) else ())):
            one.epilog = one.epilog or f"More: {page}"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs from VERBS, so that --help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; Ctrl-C ends it with one line and the exit code of a shell, and not with "Aborted!" and 1."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            found = _UNKNOWN.match(error.message)
            if found is not None and error.ctx is not None and isinstance(error.ctx.command, click.Group):
                raise click.UsageError(_no_such_below(error.ctx.command, found.group(1)), error.ctx) from None
            raise
        except KeyboardInterrupt:
            click.echo("watcher: stopped", err=True)
            ctx.exit(INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or say which one was probably meant."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(_no_such(args[0]))
        return super().resolve_command(ctx, args)


def _no_such(word: str) -> str:
    """Return what to say of a verb that does not exist, with the one that was meant where it is known."""
    if word in ELSEWHERE:
        return f"There is no '{word}'; use: {ELSEWHERE[word].format(word)}"
    if word in _NO_VERB:
        return f"There is no '{word}': {_NO_VERB[word]}"
    near = nearest_word(word, VERBS)
    return f"No such command '{word}'. " + (f"Did you mean '{near}'?" if near else _LIST)


def _no_such_below(group: click.Group, word: str) -> str:
    """Return the same of a word that stands behind a verb."""
    near = nearest_word(word, group.commands)
    if near:
        return f"No such command '{word}'. Did you mean 'watcher {group.name} {near}'?"
    if group.name == "notify":
        return f"No such command '{word}'. To try a channel: watcher notify test {word}"
    if word in ELSEWHERE:
        return f"There is no '{word}' here; use: {ELSEWHERE[word].format(word)}"
    return f"No such command '{word}'. There is: {', '.join(group.commands)}"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="news-watcher", prog_name="watcher")
def cli() -> None:
    """Watch news feeds and send one clear alert per story."""
