"""Reads the OPML lists that `feeds` names (`{opml: FILE}`) into feeds as if each stood in the file itself.

A list is written by another program, so that what is wrong with one entry is a warning and the entry is left out:
another program's mistake stops no feed. What is wrong with the line that names the list is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from pydantic_core import PydanticCustomError

from watcher.core.feeds.opml import ListedFeed, read_opml
from watcher.core.model.place import Place
from watcher.errors import ParseError
from watcher.settings.feed_schema import ListedModel, feed_url
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.name_lists import Tables
from watcher.settings.phrases import short
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

SUFFIX = ".opml"
_MOST_SAID = 20
_OWN = frozenset({"opml", "but", "tags"})
_NOT_IN_BUT = frozenset({"url", "page", "links", "telegram", "opml", "but"})
_USERINFO = re.compile(r"(://)[^/@\s\"'<>]+@")


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed of a list: its node as if it stood in a file, and what the list calls it ("" = nothing)."""

    node: MapNode
    name: str


def without_userinfo(text: str) -> str:
    """Return the text of a list without the users and passwords of its addresses, as it may be stored.

    without_userinfo("http://ann:pw@a.example/") is "http://a.example/".
    """
    return _USERINFO.sub(r"\1", text)


class ListOfFeeds:
    """Reads lists; `is_taken` says whether an address is a feed already, `refused` why one may not be asked."""

    def __init__(
        self,
        issues: Issues,
        models: ModelReader,
        files: Tables,
        is_taken: Callable[[str], bool],
        refused: Callable[[str, MapNode], str],
    ) -> None:
        self._issues = issues
        self._models = models
        self._files = files
        self._is_taken = is_taken
        self._refused = refused

    def read(self, node: MapNode) -> Iterator[Listed]:
        """Yield the feeds of a list in its order, each as it is to be read next; what is left out is said."""
        at = node.get("opml") or node
        what = f"the list {short(at.text)}" if isinstance(at, ScalarNode) else "a list of feeds"
        model, _ = self._models.read(node, ListedModel, "feed", what)
        if model is None:
            return
        name = model.opml.removeprefix("./")
        entries = self._entries(name, at)
        if entries is None:
            return
        but = self._but(node.get("but"))
        said = 0
        for entry in entries:
            place = Place(name, max(1, entry.line), 1)
            url, wrong = _address(entry, place, self._issues)
            own = but.pop(url, None) or but.pop(entry.url, None)
            listed = _node(url, entry, place, node, own)
            wrong = wrong or (self._refused(url, listed) if not self._is_taken(url) else "it is listed already")
            if not wrong:
                yield Listed(listed, entry.name)
            elif (said := said + 1) <= _MOST_SAID:
                self._issues.warn(place, f"`{short(entry.url)}` is left out: {wrong}")
        if said > _MOST_SAID:
            self._issues.warn(at, f"{said - _MOST_SAID} more entries of {name} are left out")
        for url in but:
            hint = self._issues.did_you_mean(url, (entry.url for entry in entries))
            self._issues.warn((node.key("but") or node), f"{name} does not list `{short(url)}`", hint=hint)

    def _entries(self, name: str, at: YamlNode) -> tuple[ListedFeed, ...] | None:
        text = self._files.texts.get(name)
        if text is None:
            why = self._files.unread.get(name, "")
            hint = self._issues.did_you_mean(name, self._files.texts)
            hint = hint or f"a list stands below the configuration directory and ends in {SUFFIX}"
            self._issues.error(
                at, f"{short(name)}: {why}" if why else f"there is no list {short(name)}", hint="" if why else hint
            )
            return None
        try:
            found = read_opml(text.encode())
        except ParseError as error:
            self._issues.error(at, f"{short(name)} cannot be read: {error}", hint="export it anew")
            return None
        if not found:
            self._issues.warn(at, f"{short(name)} lists no feed")
        return found

    def _but(self, node: YamlNode | None) -> dict[str, MapNode]:
        """Return what is said of single feeds, by their addresses."""
        if node is None:
            return {}
        if not isinstance(node, MapNode):
            self._issues.error(
                node, "`but` takes a mapping", hint='write `but: {"https://a.example/feed": {every: 1h}}`'
            )
            return {}
        found = {}
        for key, value in node.pairs:
            if not isinstance(value, MapNode):
                self._issues.error(value, f"`{short(key.text)}` takes a mapping", hint="write `{every: 1h}`")
            elif wrong := next((name for name, _ in value.pairs if name.text in _NOT_IN_BUT), None):
                self._issues.error(
                    wrong, f"`{wrong.text}` cannot be said in `but`", hint="where a feed is, its list says"
                )
            else:
                found[key.text] = value
        return found


def _address(entry: ListedFeed, place: Place, issues: Issues) -> tuple[str, str]:
    """Return the address of an entry without a user and password, and what is wrong with it."""
    try:
        url = feed_url(entry.url)
    except PydanticCustomError as error:
        return entry.url, str((error.context or {}).get("sentence", error))
    parts = urlsplit(url)
    if parts.scheme == "file":
        return url, "a list names no files"
    if "@" in parts.netloc:
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        hint = "write `but: {URL: {auth: {username: NAME, password: ${SECRET}}}}`"
        issues.warn(place, f"the user and password that a list gives for `{short(bare)}` are not used", hint=hint)
        return bare, ""
    return url, ""


def _node(url: str, entry: ListedFeed, place: Place, of: MapNode, own: MapNode | None) -> MapNode:
    """Return an entry as a feed: what its list says, what is said of the whole list, and of this one alone."""

    def text(value: str) -> ScalarNode:
        return ScalarNode(value, place, 1, plain=False)

    said = {key.text: (key, value) for key, value in of.pairs if key.text not in _OWN}
    tags = of.get("tags")
    of_all = tags.items if isinstance(tags, ListNode) else (tags,) if tags is not None else ()
    if of_all or entry.tags:
        said["tags"] = (text("tags"), ListNode((*of_all, *map(text, entry.tags)), place))
    if own is not None:
        said |= {key.text: (key, value) for key, value in own.pairs}
    return MapNode(((text("url"), text(url)), *said.values()), place)
