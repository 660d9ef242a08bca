"""What to do about a receiver's answer, in one sentence for whoever set the channel up."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.model.message import AttemptClass, AttemptResult

_BY_CLASS: Mapping[AttemptClass, str] = {
    AttemptClass.OK: "",
    AttemptClass.RETRY: "this passes by itself in most cases: alerts wait and are tried again; if it stays, see whether "
    "the address is right and the receiver runs",
    AttemptClass.THROTTLE: "it takes no more messages for a while; alerts wait until it does",
    AttemptClass.CONTENT: "it refuses this message, not the channel; an alert would go once more, short and plain",
    AttemptClass.PERMANENT: "it refuses the channel: look at its address and its secret; alerts are held and go to "
    "another channel until it is mended",
    AttemptClass.UNKNOWN: "the message may have arrived: look there; an alert would be sent again with the same key",
}
_GONE = "this webhook was removed over there; make a new one and put its address into the configuration"
_EXPIRED = "the token is not valid any more; make a new one, and set the variable that the configuration names"
_INVITE = "invite the bot to that conversation (in Slack: /invite @watcher), or correct `channel`"

_OF_NTFY: Mapping[str, str] = {
    '"code":40009': "ntfy knows no such topic: letters, digits, - and _ alone, at most 64; correct the end of `url`",
    '"code":40010': "ntfy keeps that name for itself; choose another topic at the end of `url`",
    '"code":40101': "ntfy does not know the token, or wants one: make one there under Account, and set the variable that "
    "`token` names",
    '"code":40301': "the topic is protected, and this token may not write to it: let its owner give it write access, or "
    "choose another topic",
    '"code":40401': "there is no ntfy at this address: `url` is the server and the topic alone, as https://ntfy.sh/topic",
    '"code":41301': "the message became an attachment, and the server takes no more of these; raise its "
    "attachment limits",
    '"code":42901': "it takes 60 messages at once and then one in 5 seconds; alerts wait until it does. A server of your "
    "own can exempt this address (visitor-request-limit-exempt-hosts)",
    '"code":42904': "the server has as many topics as it may have; its administrator must raise global-topic-limit",
    '"code":42905': "the day's bandwidth for this address is used up; alerts are tried each hour, and go after midnight UTC",
    '"code":42908': "the day's messages for this address are used up (250 on ntfy.sh); alerts are tried each hour, and go "
    "after midnight UTC. A `digest`, an account there or a server of your own makes room",
    '"code":42909': "it was asked too often with a token that it does not know; correct the token, and wait some minutes",
}
"""By the code in the body of its answers."""

_BY_WORD: Mapping[str, str] = {
    "not a public address": "the address leads into a private network; if that is meant, add its block to `allow_private` of the channel",
    "no_service": _GONE,
    "no_team": _GONE,
    "no_active_hooks": _GONE,
    "Unknown Webhook": _GONE,
    "invalid_token": "the address of the webhook is not whole; copy it again",
    "action_prohibited": "an administrator over there forbids such messages; ask for leave",
    "posting_to_general_channel_denied": "nobody may post to the general channel by webhook; choose another channel",
    "channel_is_archived": "that channel was archived; bring it back, or choose another",
    "is_archived": "that channel was archived; bring it back, or choose another",
    "invalid_auth": _EXPIRED,
    "not_authed": _EXPIRED,
    "token_revoked": _EXPIRED,
    "token_expired": _EXPIRED,
    "account_inactive": _EXPIRED,
    "missing_scope": "the app lacks a right: add the scope chat:write to it and install it again",
    "not_in_channel": _INVITE,
    "channel_not_found": _INVITE,
    "chat not found": "write to the bot first, or add it to the group, then correct `chat`",
    "bot was blocked": "the person blocked the bot; only they can undo that",
    "bot was kicked": "the bot was taken out of the group; add it again",
    **_OF_NTFY,
    "STARTTLS": "the mail server encrypts in another way: try smtps://, or its submission port 587",
}

_BY_START: Mapping[str, str] = {
    "535": "the mail server does not take user and password of WATCHER_SMTP_URL",
    "530": "the mail server wants a user and a password in WATCHER_SMTP_URL",
}
"""By the word with which an answer begins, the code of a mail server: in the middle it is a number like any other."""


def advice(result: AttemptResult) -> str:
    """Return what to do about an answer, "" where nothing is to be done.

    Example: `404 no_service` -> "this webhook was removed over there; make a new one ..."
    """
    if result.result is AttemptClass.OK:
        return ""
    answer = result.answer.lower()
    if result.status is None and (begun := _BY_START.get(answer.partition(" ")[0])):
        return begun
    known = next((said for word, said in _BY_WORD.items() if word.lower() in answer), "")
    return known or _BY_CLASS[result.result]
