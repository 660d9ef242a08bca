"""Reads `feeds` into FeedSpecs: names, credentials taken out of URLs, defaults filled in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

from watcher.core.feeds.telegram_names import address_of
from watcher.core.model.policy import FeedForm, FeedSpec, FullText, RequestPolicy
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import outlet_host
from watcher.lexicon import extras
from watcher.settings.configuration import Defaults
from watcher.settings.feed_lists import ListOfFeeds
from watcher.settings.feed_schema import FeedModel
from watcher.settings.feed_ways import WayChecks, private_host
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader, Read
from watcher.settings.name_lists import NO_TABLES, Tables
from watcher.settings.phrases import short
from watcher.settings.yaml_text import MapNode, ScalarNode, YamlNode, scalars

_NO_PAGES = (
    "`full_text` needs the extra `fulltext`: without it no page is read, and what the feed gives is matched alone"
)
_WHERE = ("url", "page", "telegram")


class FeedReader:
    """Reads feeds one by one and keeps names and URLs apart."""

    def __init__(
        self,
        issues: Issues,
        models: ModelReader,
        defaults: Defaults,
        allowed: tuple[str, ...],
        lists: Tables = NO_TABLES,
    ) -> None:
        self._issues = issues
        self._models = models
        self._defaults = defaults
        self._allowed = allowed
        self._urls: dict[str, YamlNode] = {}
        self._names: dict[str, YamlNode] = {}
        self._lists = ListOfFeeds(issues, models, lists, self._urls.__contains__, self._refused_entry)
        self.url_secrets: list[ScalarNode] = []

    def read_all(self, nodes: Iterable[YamlNode]) -> tuple[FeedSpec, ...]:
        """Return the feeds in the order written, those of lists behind the others; those with mistakes are left
        out.
        """
        nodes, listing = list(nodes), []
        for node in filter(_is_list, nodes):
            assert isinstance(node, MapNode)
            listing.append(node)
        found = [
            (node, model, read)
            for node in itertools.filterfalse(_is_list, nodes)
            for model, read in [self._model(node)]
            if model is not None
        ]
        # Names that users gave come first, so that a derived name never takes one of them.
        for node, model, _ in found:
            if model.name is not None:
                self._claim_name(model.name, _at(node, "name"))
        specs = [spec for node, model, read in found if (spec := self._spec(node, model, read)) is not None]
        # A feed that is written out goes before the same one in a list.
        for node in listing:
            specs += self._of_list(node)
        return tuple(specs)

    def _of_list(self, node: MapNode) -> Iterator[FeedSpec]:
        for listed in self._lists.read(node):
            model, read = self._model(listed.node)
            if model is None:
                continue
            if model.name is not None:
                self._claim_name(model.name, _at(listed.node, "name"))
            spec = self._spec(listed.node, model, read, listed.name)
            if spec is not None:
                yield spec

    def _refused_entry(self, url: str, node: MapNode) -> str:
        blocks = node.get("allow_private")
        texts = [item.text for item in scalars(blocks)] if blocks is not None else []
        try:
            return private_host(url, (*self._allowed, *texts))
        except ValueError:
            return ""  # a block that is none is told where the feed is read

    def _model(self, node: YamlNode) -> tuple[FeedModel | None, Read]:
        what = "a feed"
        if isinstance(node, ScalarNode):
            key = ScalarNode("url", node.place, node.length)
            node = MapNode(((key, node),), node.place)
        elif isinstance(node, MapNode):
            name = node.get("name") or next((at for key in _WHERE if (at := node.get(key)) is not None), None)
            what = f"feed {_shown(name.text)}" if isinstance(name, ScalarNode) and name.text else what
        model, read = self._models.read(node, FeedModel, "feed", what, missing_is_empty=True)
        return (model if model is not None and self._says_where(node, model, what) else None), read

    def _says_where(self, node: YamlNode, model: FeedModel, what: str) -> bool:
        """Return whether a feed says in one way where it is; note what is wrong otherwise."""
        given = [key for key in _WHERE if isinstance(node, MapNode) and node.get(key) is not None]
        head = node.pairs[0][0] if isinstance(node, MapNode) and node.pairs else node
        if len(given) > 1:
            self._issues.error(
                _at(node, given[1]), f"{what} has `{given[0]}` and `{given[1]}`", hint="keep one of them"
            )
        elif model.links and not model.page:
            self._issues.error(
                _at(node, "links"), "`links` says how a page is read", hint="write `page` for the address of the page"
            )
        elif not given:
            self._issues.error(head, f"{what} needs `url`")
        elif model.page and not model.links:
            self._issues.error(
                head,
                f"{what} needs `links`",
                hint="a CSS selector of the links that are its items, such as `h2 a`; "
                "`watcher feeds add PAGE --links SELECTOR` tries one",
            )
        else:
            return True
        return False

    def _spec(self, node: YamlNode, model: FeedModel, read: Read, called: str = "") -> FeedSpec | None:
        form, key, written = _written(model)
        at = _at(node, key)
        url, username, password = _without_credentials(written)
        if isinstance(at, ScalarNode) and password is not None:
            self.url_secrets.append(at)
            self._models.known_secrets.append(password)
        if model.auth is not None and password is not None:
            self._issues.error(at, "this feed has credentials twice", hint="keep them in the URL or in `auth`")
        if url in self._urls:
            self._issues.error(at, "this feed is listed twice", hint=f"first at {self._urls[url].place}; keep one")
            return None
        self._urls[url] = at
        self._check_way(node, url, model, has_password=password is not None)
        name = model.name or (self._unlike(called, at) if called else self._derived_name(url, at))
        if model.full_text is not FullText.NO and not extras.can_read_pages():
            hint = f"install it with: pip install '{extras.FULL_TEXT}'"
            self._issues.warn(_at(node, "full_text"), _NO_PAGES, hint=hint)
        for missing in dict.fromkeys(read.missing):
            self._issues.warn(at, f"feed {name} is asked without its secret: {missing}")
        if model.auth is not None:
            username, password = model.auth.username, model.auth.password
        return FeedSpec(
            url=url,
            name=name,
            named=model.name is not None,
            tags=model.tags,
            every=model.every or self._defaults.every,
            first_poll=model.first_poll or self._defaults.first_poll,
            max_age=model.max_age or self._defaults.max_age,
            sample=model.sample,
            was=model.was,
            lang=model.lang,
            silent_after=model.silent_after,
            paused=model.paused,
            form=form,
            links=model.links,
            full_text=model.full_text,
            request=_request_policy(model, username, password),
            place=node.place,
        )

    def _check_way(self, node: YamlNode, url: str, model: FeedModel, *, has_password: bool) -> None:
        if refused := private_host(url, (*self._allowed, *model.allow_private)):
            hint = (
                "add `allow_private: [...]` with its block to the feed, if that is meant "
                "(`watcher feeds add --allow-private BLOCK`)"
            )
            self._issues.error(_at(node, _written(model)[1]), refused, hint=hint)
        way = WayChecks(self._issues, self._allowed)
        way.check_proxy(node, model)
        way.check_tls(node, model, has_credentials=model.auth is not None or has_password)

    def _claim_name(self, name: str, at: YamlNode) -> None:
        if name in self._names:
            self._issues.error(
                at, f"two feeds are named `{short(name)}`", hint=f"first at {self._names[name].place}; rename one"
            )
        self._names.setdefault(name, at)

    def _derived_name(self, url: str, at: YamlNode) -> str:
        parts = urlsplit(url)
        host = outlet_host(url)
        name = f"{host}{parts.path.rstrip('/')}" if host else url
        if name in self._names and parts.query:
            name = f"{name}?{parts.query}"
        return self._unlike(name, at)

    def _unlike(self, name: str, at: YamlNode) -> str:
        """Return a name, or the next of `name-2`, `name-3` that no feed has."""
        base, number = name, 1
        while name in self._names:
            number += 1
            name = f"{base}-{number}"
        self._names[name] = at
        return name


def _written(model: FeedModel) -> tuple[FeedForm, str, str]:
    """Return what a feed is, by which key it says so, and its address."""
    if model.telegram:
        return FeedForm.TELEGRAM, "telegram", address_of(model.telegram)
    if model.page is not None:
        return FeedForm.PAGE, "page", model.page
    return FeedForm.FEED, "url", model.url or ""


def _request_policy(model: FeedModel, username: str, password: Secret | None) -> RequestPolicy:
    """Return how a feed is asked; secrets that are empty are left out."""
    return RequestPolicy(
        headers={key: value for key, value in model.headers.items() if value.reveal()},
        username=username,
        password=password if password is not None and password.reveal() else None,
        cookies={key: value for key, value in model.cookies.items() if value.reveal()},
        user_agent=model.user_agent,
        allow_private=model.allow_private,
        proxy=model.proxy,
        ca_file=(model.tls.ca or "") if model.tls is not None else "",
        unverified=model.tls is not None and model.tls.insecure,
    )


def _without_credentials(url: str) -> tuple[str, str, Secret | None]:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, "", None
    userinfo, _, host = parts.netloc.rpartition("@")
    username, _, password = userinfo.partition(":")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, unquote(username), Secret(unquote(password))


def _shown(url: str) -> str:
    """Return a feed's URL as it may be shown: without credentials."""
    try:
        return short(_without_credentials(url)[0])
    except ValueError:
        return short(url.rpartition("@")[2])


def _is_list(node: YamlNode) -> bool:
    return isinstance(node, MapNode) and node.get("opml") is not None and node.get("url") is None


def _at(node: YamlNode, key: str) -> YamlNode:
    inner = node.get(key) if isinstance(node, MapNode) else None
    return inner or node
