"""Writes the configuration files: one edit at a time, whole or not at all, and the way back is said.

1. Nobody else edits meanwhile; the files load as they stand, or nothing is done.
2. The text of one file is changed (yaml_edit) and all files are loaded with it; a mistake refuses the edit.
3. The text before is kept beside the file under a name that is not read, and the new one replaces it in one step.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from watcher.core.model.policy import FeedForm, FeedSpec, Silence
from watcher.core.model.rule import Rule
from watcher.core.web_addresses import origin_of
from watcher.errors import ConfigError
from watcher.settings.bundled import ships
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.feed_lists import SUFFIX as FEED_LIST
from watcher.settings.load import load_files, read_texts, why_unread
from watcher.settings.phrases import short
from watcher.settings.problems import Problem, render
from watcher.settings.yaml_edit import (
    Item,
    in_braces,
    value_of,
    with_items,
    with_key,
    with_terms,
    without_item,
    without_key,
)
from watcher.settings.yaml_text import decode

_FEEDS = "feeds"
_NEW_FILE = "feeds.yaml"
_YAML = (".yaml", ".yml")
_SILENCES = "silences"
_NEW_SILENCES = "silences.yaml"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Written:
    """What an edit wrote: the file, and the command that takes it back; `is_gone`: the file was put aside."""

    file: Path
    undo: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A file that was written: what stood in it (None = it was not there), and what stands in it now."""

    written: Written
    real: Path
    before: bytes | None
    after: bytes


@contextlib.contextmanager
def editing(directory: Path, settings: Settings) -> Iterator[FeedFiles]:
    """Open the feeds of a configuration directory for one edit; nobody else edits it meanwhile.

    Raises:
        ConfigError: the files have mistakes already, or the directory cannot be read or ships with the program.
    """
    with alone_in(directory):
        yield FeedFiles(directory, settings)


@contextlib.contextmanager
def alone_in(directory: Path) -> Iterator[None]:
    """Keep others from editing a configuration directory meanwhile.

    Raises:
        ConfigError: it cannot be read, or ships with the program.
    """
    if ships(directory):
        raise ConfigError("the bundled example is not edited; `watcher init DIR` writes one of your own to begin with")
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ConfigError(f"the configuration directory {directory} cannot be read: {error.strerror}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


class FeedFiles:
    """The configuration files while their feeds are edited; they load after each change, and only `write` touches the
    disk.
    """

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory
        self._settings = settings
        self._before, problems = read_texts(directory)
        self._texts = dict(self._before)
        if problems:
            raise ConfigError(_refusal("the configuration has mistakes; mend them first", problems))
        self.configuration = self._loaded(
            self._texts, "the configuration has mistakes already; mend them first (watcher check)"
        )

    def add(self, items: Sequence[Item], file: str = "") -> tuple[FeedSpec, ...]:
        """Put feeds behind the last one of a file ("" = where most feeds stand); return them as they are read.

        Raises:
            ConfigError: they are wrong, or the file cannot be edited.
        """
        file = self.name_of(file) if file else self._usual_file()
        known = {spec.url for spec in self.configuration.feeds}
        text = with_items(file, self._texts.get(file, ""), _FEEDS, items)
        self._take(file, text, "")
        return tuple(spec for spec in self.configuration.feeds if spec.url not in known)

    def name_of(self, file: str) -> str:
        """Return the name by which a file for feeds is read: its path below the configuration directory.

        name_of("./asia/feeds.yaml") is "asia/feeds.yaml".

        Raises:
            ConfigError: such a file is never read, or its folder is not there.
        """
        base = os.path.abspath(self._directory)  # noqa: PTH100 - links stay as they are, but `..` goes
        path = Path(os.path.normpath(os.path.join(base, file)))  # noqa: PTH118 - as above
        shown = short(file)
        if not path.is_relative_to(base):
            raise ConfigError(
                f"{shown} is outside of the configuration directory {self._directory}, where nothing is read; "
                f"give a path below it, such as {_NEW_FILE}; nothing was written"
            )
        name = path.relative_to(base).as_posix()
        why = why_unread(name)
        if not why and not name.endswith(_YAML):
            why = "calendars hold no feeds"
        if why:
            raise ConfigError(
                f"{shown} would not be read as feeds: {why}; give another, such as {_NEW_FILE}; nothing was written"
            )
        if not path.parent.is_dir():
            raise ConfigError(
                f"{shown}: there is no folder {short(str(path.parent))}; the path begins at the "
                f"configuration directory: make the folder, or give another path, such as {_NEW_FILE}; nothing was written"
            )
        return name

    def remove(self, spec: FeedSpec) -> None:
        """Take a feed out. Raises as `add`."""
        file = _own_file(spec, "removed")
        text = without_item(file, self._texts[file], _FEEDS, spec.place)
        self._take(file, text, f"{spec.name} cannot be removed")

    def pause(self, spec: FeedSpec) -> None:
        """Mark a feed as paused. Raises as `add`."""
        file = _own_file(spec, "paused")
        text = with_key(file, self._texts[file], _FEEDS, spec.place, "paused", "true")
        self._take(file, text, f"{spec.name} cannot be paused")

    def resume(self, spec: FeedSpec) -> None:
        """Take the mark away. Raises as `add`."""
        file = _own_file(spec, "resumed")
        text = without_key(file, self._texts[file], _FEEDS, spec.place, "paused")
        self._take(file, text, f"{spec.name} cannot be resumed")

    def readdress(self, spec: FeedSpec, url: str) -> str:
        """Give a feed another address, with the user that stands in the one written; return what it is called then:
        the name that came of its address is kept where rules ask for it.

        Raises:
            ConfigError: as `add`; or it is of another site, and the feed has what is for the one written alone.
        """
        if (bound := bound_to_origin(spec)) and origin_of(spec.url) != origin_of(url):
            raise ConfigError(
                f"it is another site, and {spec.name} has what is for its own alone ({', '.join(bound)}); where that is "
                f"meant for the new one too, write the address by hand at {spec.place}, else take it out first"
            )
        known = {one.url for one in self.configuration.feeds}
        file, key = _own_file(spec, "given its new address"), "page" if spec.form is FeedForm.PAGE else "url"
        written = value_of(file, self._texts[file], _FEEDS, spec.place, key)
        text = with_key(file, self._texts[file], _FEEDS, spec.place, key, with_user_of(written, url))
        try:
            self._take(file, text, "")
        except ConfigError:
            if spec.named:
                raise
            text = with_key(file, text, _FEEDS, spec.place, "name", spec.name)
            self._take(file, text, f"{spec.name} cannot be given its new address")
        return next(one.name for one in self.configuration.feeds if one.url not in known)

    def mute(self, item: Item) -> Silence:
        """Put a silence behind the last one; return it as it is read. Raises as `add`."""
        known = set(self.configuration.silences)
        places = [one.place.file for one in self.configuration.silences]
        file = places[-1] if places else _NEW_SILENCES
        self._take(file, with_items(file, self._texts.get(file, ""), _SILENCES, [item]), "")
        return next(one for one in reversed(self.configuration.silences) if one not in known)

    def unmute(self, silence: Silence) -> None:
        """Take a silence out. Raises as `add`."""
        file = silence.place.file
        text = without_item(file, self._texts[file], _SILENCES, silence.place)
        self._take(file, text, f"{silence.name} cannot be ended")

    def add_example(self, rule: Rule, item: Item) -> None:
        """Put an example behind the last one of a rule. Raises as `add`."""
        file, term = rule.place.file, in_braces(item)
        text = with_terms(file, self._texts[file], "rules", rule.place, "tests", [term])
        self._take(file, text, f"no example can be written beside {rule.id}")

    def write(self) -> tuple[Written, ...]:
        """Write the files that changed, each in one step; return what was written.

        Raises:
            ConfigError: a file cannot be written, or was changed by somebody else meanwhile; all are as they were, and
                one that could not be put back is named.
        """
        done: list[Done] = []
        for name in [name for name, text in self._texts.items() if text != self._before.get(name)]:
            try:
                done.append(self._write(name))
            except ConfigError as error:
                stays = [one.written for one in reversed(done) if not put_back(one)]
                if not stays:
                    raise
                told = "; ".join(f"{one.file} was written and could not be put back: {one.undo}" for one in stays)
                raise ConfigError(f"{error}. But {told}") from error
        return tuple(one.written for one in done)

    def _usual_file(self) -> str:
        counts: dict[str, int] = {}
        for spec in self.configuration.feeds:
            if spec.place.file.endswith(FEED_LIST):
                continue
            counts[spec.place.file] = counts.get(spec.place.file, 0) + 1
        return max(counts, key=lambda file: counts[file]) if counts else _NEW_FILE

    def _take(self, file: str, text: str, refused: str) -> None:
        texts = {**self._texts, file: text}
        self.configuration = self._loaded(texts, f"{refused}; nothing was written" if refused else "")
        self._texts = texts

    def _loaded(self, texts: Mapping[str, str], refused: str) -> Configuration:
        loaded = load_files(texts, self._settings, shares=None)
        if loaded.configuration is None:
            raise ConfigError(_refusal(refused, [problem for problem in loaded.problems if problem.is_error]))
        return loaded.configuration

    def _write(self, name: str) -> Done:
        path = self._directory / name
        # A mounted configuration is links into another folder: the file itself is replaced, the link stays.
        real = path.resolve() if path.exists() else path
        try:
            raw = real.read_bytes() if real.exists() else None
            if raw is not None and decode(raw) != self._before.get(name):
                raise ConfigError(f"{path} was changed meanwhile; nothing was written, run it again")
            text = self._texts[name].encode()
            if raw is None:
                replace_file(real, text, None)
                return Done(Written(path, shlex.join(("rm", str(path)))), real, None, text)
            kept = real.with_name(f".{real.name}.before")
            replace_file(kept, raw, real)
            text = (_BOM if raw.startswith(_BOM) else b"") + text
            replace_file(real, text, real)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror}; nothing was changed. Edit the file where it comes from"
            ) from error
        return Done(Written(path, shlex.join(("mv", str(kept), str(real)))), real, raw, text)


def put_back(done: Done) -> bool:
    """Write what stood in a file before an edit that was not finished; return whether that was possible."""
    try:
        if not done.written.is_gone and done.real.read_bytes() != done.after:
            return False  # somebody wrote it since
        if done.before is None:
            done.real.unlink()
        else:
            replace_file(done.real, done.before, done.real if done.real.exists() else None)
    except OSError:
        return False
    return True


def _own_file(spec: FeedSpec, doing: str) -> str:
    """Return the file in which a feed is written out.

    Raises:
        ConfigError: a list of feeds names it, which another program writes.
    """
    if spec.place.file.endswith(FEED_LIST):
        raise ConfigError(
            f"{spec.name} cannot be {doing} here: it stands in {spec.place}; change it there, or write below "
            f'`opml: {spec.place.file}` what is different: `but: {{"{spec.url}": {{paused: true}}}}`; nothing was written'
        )
    return spec.place.file


def bound_to_origin(spec: FeedSpec) -> list[str]:
    """Return the keys of a feed whose values are never sent to another site: credentials, and leave to ask private
    addresses.
    """
    asked = spec.request
    found = {
        "auth": bool(asked.username) or asked.password is not None,
        "headers": bool(asked.headers),
        "cookies": bool(asked.cookies),
        "allow_private": bool(asked.allow_private),
        "tls": bool(asked.ca_file) or asked.unverified,
    }
    return [key for key, has in found.items() if has]


def with_user_of(written: str, url: str) -> str:
    """Return an address with the user and password that stand in another one, without any of its own.

    with_user_of("https://ann:pw@a.example/old", "https://a.example/new") is "https://ann:pw@a.example/new".
    """
    user, sign, _ = urlsplit(written).netloc.rpartition("@")
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}{sign}{parts.netloc.rpartition('@')[2]}"))


def replace_file(path: Path, content: bytes, like: Path | None) -> None:
    """Write a file in one step, with the owner and mode of another one: it may hold secrets."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if like is None:
                os.fchmod(file.fileno(), 0o644)
            else:
                known = like.stat()
                os.fchmod(file.fileno(), stat.S_IMODE(known.st_mode))
                with contextlib.suppress(PermissionError):  # only root may give files away
                    os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refusal(said: str, problems: Sequence[Problem]) -> str:
    if not said:  # of a line that stands in no file yet
        sentences = [f"{problem.message}; {problem.hint}" if problem.hint else problem.message for problem in problems]
        return "\n".join([*sentences, "nothing was written"])
    return f"{said}:\n{render(problems)}"
