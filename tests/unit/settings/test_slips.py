"""Slips that are good YAML and would quietly make a rule or a channel useless."""

from __future__ import annotations

import pytest

from watcher.settings.env import Settings, misspelt_settings, setting_names
from watcher.settings.load import load_files


def problems(text: str, **given: object) -> list[str]:
    loaded = load_files({"a.yaml": text}, Settings(**given))  # type: ignore[arg-type]
    return [f"{problem.level}: {problem.message}; {problem.hint}" for problem in loaded.problems]


@pytest.mark.parametrize("term", ["“North Korea”", "„Nordkorea“", "‘Russia’", "“North Korea"])
def test_curly_quotes_around_a_term_are_a_mistake(term: str) -> None:
    [told] = problems(f"rules: [{{name: A, all: [{term}]}}]")
    assert told.startswith("error: ")
    assert "curly quotes are part of the term" in told
    assert term.strip("“”„‘’") in told.rpartition("write ")[2]


@pytest.mark.parametrize("term", ['"“North Korea”"', "O’Brien", "Workers’", "«Вашингтон»"])
def test_curly_quotes_that_are_meant_stay(term: str) -> None:
    assert problems(f"rules: [{{name: A, all: [{term}]}}]") == []


def test_a_list_without_its_brackets_is_told() -> None:
    [told] = problems("rules: [{name: A, any: arms}, {name: B, all: 'North Korea, Russia'}]\n")[:1] or [""]
    assert told == "", "in quotes the comma is meant"
    [told] = problems("rules:\n  - name: B\n    all: North Korea, Russia\n")
    assert told == (
        "warning: `North Korea, Russia` is one term, its comma included; for several terms write [North Korea, Russia]"
    )


HOOK = "channels: {{a: {{type: webhook, url: '{url}', secrets: [whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0]{more}}}}}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0", "2130706433", "0x7f000001", "127。0。0。1", "１２７.0.0.1", "localhost", "x.localhost",
        "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254", "168.63.129.16", "100.64.0.1", "198.18.0.1", "[fe80::1]",
    ],
)  # fmt: skip
def test_an_address_that_would_be_refused_at_send_is_refused_at_check(host: str) -> None:
    [told] = problems(HOOK.format(url=f"http://{host}/in", more=""))
    assert told.startswith("error: channel a: ")
    [told] = problems(f"feeds: ['http://{host}/in']")
    assert told.startswith("error: ")


def test_what_is_allowed_passes() -> None:
    for host in ("127.0.0.1", "localhost"):
        assert problems(HOOK.format(url=f"http://{host}/in", more=", allow_private: [127.0.0.0/8]")) == []


MAIL = "channels: {{me: {{type: email, to: [me@desk.example]{more}}}}}"


def test_a_private_mail_server_is_refused_at_check_unless_it_is_allowed() -> None:
    given = {"smtp_url": "smtp://u:hunter2@192.168.1.5:25", "smtp_from": "a@desk.example"}
    [told] = problems(MAIL.format(more=""), **given)
    assert "mail server of WATCHER_SMTP_URL: 192.168.1.5 is not a public address" in told
    assert "hunter2" not in told
    assert problems(MAIL.format(more=", allow_private: [192.168.1.0/24]"), **given) == []


def test_a_variable_that_is_nearly_a_setting_is_told_and_others_are_left_alone() -> None:
    environment = {"WATCHER_DATABSE": "x", "WATCHER_TOKN": "x", "WATCHER_SERVICE_HOST": "10.0.0.1", "WATCHER_PORT": "x"}
    assert misspelt_settings(environment) == [
        ("WATCHER_DATABSE", "WATCHER_DATABASE"),
        ("WATCHER_TOKN", "WATCHER_TOKEN"),
    ]
    assert misspelt_settings(dict.fromkeys(setting_names(), "x")) == []


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {follow_up: 30m}",
        "network: {unguarded: [apprise]}",
    ],
)
def test_a_key_that_has_no_effect_yet_is_told(text: str) -> None:
    [told] = problems(text)
    assert told.startswith("warning: `")
    assert "does nothing yet" in told


RULE = "rules: [{name: A, any: [tanker], send_to: [console], KEY}]"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("enabled: false", "`paused: true`"), ("disabled: true", "`paused: true`"), ("active: no", "`paused: true`"),
        ("case: true", "`=DPRK`"), ("case_sensitive: yes", "`=DPRK`"),
        ("mute: 2h", "a silence"), ("quiet: 22:00-06:00", "a silence"), ("quiet_hours: night", "a silence"),
        ("min_sources: 3", "sources: 3, within: 2h"), ("sources: 3", "sources: 3, within: 2h"),
        ("fallback: me", "`otherwise`"), ("chanel: desk", "`send_to`"), ("keywrods: [a]", "`any`"),
    ],
)  # fmt: skip
def test_a_key_of_another_program_is_answered_with_what_does_it_here(key: str, hint: str) -> None:
    told = problems(RULE.replace("KEY", key))
    assert any(one.startswith("error: unknown key") and hint in one for one in told)


@pytest.mark.parametrize("where", ["feeds: [{url: 'https://a.example/f', KEY}]", "channels: {c: {type: console, KEY}}"])
def test_what_is_not_enabled_is_paused_here(where: str) -> None:
    assert any("write `paused: true`" in one for one in problems(where.replace("KEY", "enabled: false")))
    assert not any("paused" in one for one in problems(where.replace("KEY", "paused: true")))


@pytest.mark.parametrize("address", ["${HOOK}", "https://hooks.slack.com/services/T1/B2/c3"])
def test_the_address_of_a_slack_channel_under_another_key_is_led_to_its_own(address: str) -> None:
    [told] = problems(f'channels: {{desk: {{type: slack, url: "{address}"}}}}')
    assert told.startswith("error: the address of an incoming webhook stands in `webhook_url`, not in `url`")
    assert "write the value" not in told


@pytest.mark.parametrize("key", ["webhook_url: ${HOOK}", "token: ${file:slack}, channel: '#desk'"])
def test_a_secret_without_quotes_between_braces_is_told_to_need_them(key: str) -> None:
    [told] = problems(f"channels: {{desk: {{type: slack, {key}}}}}")
    name = key.split(": ")[1].split(",")[0]
    assert told == f'error: {name} needs quotes between `{{` and `}}`; write "{name}"'


def test_braces_that_are_not_closed_are_still_told_where_a_secret_has_its_quotes() -> None:
    [told] = problems('channels: {desk: {type: slack, webhook_url: "${HOOK}"}\n')
    assert "`{` is not closed" in told


@pytest.mark.parametrize("names", ["desk, console", "desk,console"])
def test_channels_in_one_text_are_shown_as_a_list(names: str) -> None:
    assert problems(f"rules: [{{name: A, any: [tanker], send_to: '{names}'}}]") == [
        f"error: `{names}` cannot be a name; for several write [{names}]"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules:\n  - {name: A, all: [ship], send_to: desk, console}\n",
            "several values of `send_to` need brackets; write `send_to: [desk, console]`; if it is one text, put it in quotes",
        ),
        (
            "rules:\n  - {name: A, send_to: desk,\n     console, mail, all: [ship]}\n",
            (
                "several values of `send_to` need brackets; write `send_to: [desk,\n     console, mail]`; "
                "if it is one text, put it in quotes"
            ),
        ),
        (
            "channels: {m: {type: email, to: a@x.example, b@x.example}}\n",
            (
                "several values of `to` need brackets; write `to: [a@x.example, b@x.example]`; "
                "if it is one text, put it in quotes"
            ),
        ),
        (
            "rules:\n  - {name: A, any: [{near: ship, sea, all: [x]}]}\n",
            "several values of `near` need brackets; write `near: [ship, sea]`; if it is one text, put it in quotes",
        ),
        ("rules:\n  - {name: A, id: , all: [ship]}\n", "`id` has no value; write one, or delete the line"),
        ("rules:\n  - {name: A, any: {ship, sea}}\n", "a list stands in `[` and `]`; write `[ship, sea]`"),
        (
            "rules:\n  - name: A\n    label: #1\n    all: [ship]\n",
            "`label` has no value; a text that begins with `#` needs quotes",
        ),
        (
            "channels: {d: {type: slack, webhook_url: $SLACK_WEBHOOK_URL}}\n",
            "`$SLACK_WEBHOOK_URL` needs braces; write ${SLACK_WEBHOOK_URL}",
        ),
        (
            "rules:\n  - name: A\n    all: [ship]\n    name: B\n",
            "`name` is set twice; first set at a.yaml:2:5; keep one of them, or begin the next item of the list with `- `",
        ),
    ],
)
def test_signs_that_are_left_out_are_told_with_what_to_write(text: str, said: str) -> None:
    assert f"error: {said}" in problems(text)
    assert not any("unknown key" in one for one in problems(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules:\n  - name: A\n    all: [x, \n",
            (
                "`[` is not closed; write `]` at its end and `,` between its items, or, if it begins a text, "
                "put the text in quotes"
            ),
        ),
        ("rules:\n  - {name: A, all: [x,, y]}\n", "nothing stands before this comma; delete one of the commas"),
        (
            "channels: {d: {type: slack, channel: #ops}}\n",
            '`#` begins a comment, so the rest of this list is cut off; put an item that holds it in quotes: "#ops"',
        ),
        (
            "rules:\n  - name: &x A\n    all: [ship]\n",
            'YAML anchors (`&`) are not allowed; a text that begins with `&` needs quotes: "&x A"',
        ),
        ("rules: !list\n  - {name: A, all: [ship]}\n", "YAML tags (`!`) are not allowed; delete `!list`"),
    ],
)
def test_what_ends_too_early_between_brackets_is_told_at_its_bracket(text: str, said: str) -> None:
    assert problems(text) == [f"error: {said}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "channels: {h: {type: webhook, url: 'https://h.example/', secret: '${HOOK}'}}",
            ["error: unknown key `secret` in channel h; did you mean `secrets`?"],
        ),
        (
            "channels: {h: {type: webhook, url: 'https://h.example/', template: x}}",
            [
                'error: a webhook needs secrets that sign: secrets: ["${HOOK_SECRET}"]; unsigned: true signs nothing; ',
                (
                    "error: unknown key `template` in channel h; there is `allow_private`, `secrets`, `type`, `unsigned`, "
                    "`url`, `was`"
                ),
            ],
        ),
        (
            "channels: {d: {type: slack, webhook_url: '${HOOK}', channel: '#ops'}}",
            ["error: give webhook_url, or token and channel (and reactions), not both; "],
        ),
        (
            "channels: {d: {type: slack, url: '${HOOK}'}}",
            ["error: the address of an incoming webhook stands in `webhook_url`, not in `url`; "],
        ),
    ],
)
def test_a_channel_refused_as_a_whole_is_told_its_slip_and_no_more(text: str, said: list[str]) -> None:
    assert problems(text) == said


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("rules: [{name: A, all: [ship], country: NO}]", "`watcher rules help` lists the keys of a rule"),
        ("mute: x", "did you mean `silences`?"),
        ("quiet_hours: x", "hours stand under `schedules:`, and `quiet` or `digest` at a channel names them"),
        ("timezone: x", "write `defaults: {zone: ...}`"),
        ("channels: {m: {type: email, to: a@x.example, smtp: x}}", "the address of a mail server stands in "),
        ("channels: {c: {type: console, snooze: 2h}}", "did you mean `quiet`, or a silence"),
        ("rules: [{name: A, all: [ship], severity: [high]}]", "one of: low, normal, high, critical"),
    ],
)
def test_a_word_from_elsewhere_is_told_where_its_thing_stands(text: str, hint: str) -> None:
    [told] = problems(text)
    assert hint in told
    assert "`this`" not in told


TERMS = "rules:\n  - name: A\n    any:{}\n"


@pytest.mark.parametrize(
    "written",
    [
        "\n      missile\n      drone",
        "\n      -missile\n      -drone",
        "\n      — ракета\n      — дрон",
        " [missile, ballistic\n      drone]",
        "\n      - 미사일\n        무인기",
    ],
)
def test_a_term_over_several_lines_is_told(written: str) -> None:
    [told] = problems(TERMS.format(written))
    assert told.startswith("warning: ")
    assert "is one term, written over several lines; begin each item of a list with `- `" in told


@pytest.mark.parametrize(
    "written", [' ["North\n      Korea"]', "\n      - North Korea\n\n      - drone", " >-\n      North\n      Korea"]
)
def test_a_phrase_over_several_lines_that_is_meant_stays(written: str) -> None:
    assert problems(TERMS.format(written)) == []


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("'O'Brien'", '"O\'Brien"'),
        ("'It's'", '"It\'s"'),
        ("'Côte d'Ivoire'", '"Côte d\'Ivoire"'),
        ('"the "big" one"', "'the \"big\" one'"),
        ("'n' roll", "\"'n' roll\""),
        ('"North Korea" missile', '"North Korea missile"'),
    ],
)
def test_quotes_within_quotes_are_told_with_the_whole_text(written: str, mend: str) -> None:
    [told] = problems(TERMS.format(f"\n      - {written}"))
    assert told == f"error: text goes on after the closing quote; put the whole text in quotes: {mend}"


@pytest.mark.parametrize(
    ("query", "mend"),
    [
        ('"North Korea" AND missile', "'\"North Korea\" AND missile'"),
        ("'North Korea' OR 'South Korea'", '\'"North Korea" OR "South Korea"\''),
        ('"북한" OR "조선"', '\'"북한" OR "조선"\''),
    ],
)
def test_a_phrase_that_begins_a_query_stays_a_phrase_in_the_mend(query: str, mend: str) -> None:
    for rule in (f"  - name: A\n    query: {query}\n", f"  - {{name: A, query: {query}}}\n"):
        [told] = problems(f"rules:\n{rule}")
        assert told == f"error: text goes on after the closing quote; put the whole text in quotes: {mend}"


@pytest.mark.parametrize(
    "written",
    [
        " [#Ukraine]",
        " [drone, #Ukraine]",
        " [drone,#Ukraine, ship]",
        " [drone, #Ukraine,\n      ship]",
        ' ["drone", #Ukraine\n      ]',
    ],
)
def test_a_hashtag_in_brackets_is_told_with_its_quoted_form(written: str) -> None:
    [told] = problems(TERMS.format(written))
    assert told.startswith("error: `#` begins a comment")
    assert '"#Ukraine"' in told


@pytest.mark.parametrize(
    "written", [" [drone,  # the small ones\n      ship]", " [\n      #drone,\n      ship]", " [drone, ship] # both"]
)
def test_a_comment_in_brackets_stays(written: str) -> None:
    assert problems(TERMS.format(written)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  – name: A\n    any: [ship]\n", "`–` begins no item of a list; write `- `, a hyphen and a blank"),
        ("rules:\n  • name: A\n    any: [ship]\n", "`•` begins no item of a list; write `- `, a hyphen and a blank"),
        ("rules:\n  - name： A\n    any: [ship]\n", "`：` is not a colon; write `: `"),
        ("rules:\n  - name: A\n    any:\xa0[ship]\n", "this blank is none for YAML (U+00A0); write an ordinary one"),
        (
            "rules:\n  - name: A\n\u3000\u3000any: [ship]\n",
            "the blank before `any` is none for YAML (U+3000); write ordinary blanks: they indent the line",
        ),
        ("rules:\n  - name: A\n    any: [ship:]\n", 'a text that ends with `:` needs quotes; write "ship:"'),
        ("rules:\n  - name: A\n    any: [x: y: z]\n", 'a text that holds `: ` needs quotes; write "x: y: z"'),
        ("rules:\n  - name: A\n    any:\n      - Breaking:\n", '`Breaking` is not a condition; a term that holds `: ` needs quotes: "Breaking:"'),
        ("rules:\n  - name: A\n    any: [$100]\n", "there is no concept `100` here; for an amount write `$$100`: two signs are a dollar sign"),
        ("rules:\n  - name: A\n    any: [{term: ship, in: [title, lead]}]\n", "`in` takes one part of an article; write `in: title`"),
    ],
)  # fmt: skip
def test_signs_that_look_like_others_are_told(text: str, said: str) -> None:
    assert any(told.startswith(f"error: {said}") for told in problems(text)), problems(text)


def test_a_term_that_looks_like_a_tag_is_one_mistake() -> None:
    told = problems(TERMS.format("\n      - !breaking"))
    assert [one for one in told if one.startswith("error: ")] == [
        'error: YAML tags (`!`) are not allowed; a text that begins with `!` needs quotes: "!breaking"'
    ]
