"""The one table of what counts as personal data and as a secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from checks.private import persons, secrets
from checks.private.judged import Judged
from checks.private.spot import AT, BLOCK, CARD, IBAN, IP4, IP6, PHONE, SSN, TOKEN, URL

Judge = Callable[[bytes, bytes, bytes], Judged]
"""What a candidate is: its bytes, up to `BEFORE` bytes before it and `AFTER` behind it, all of the same text."""
BEFORE, AFTER = 80, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of personal data or of secret."""

    name: str
    """As reports name it."""
    secret: bool
    """Whether it opens something; otherwise it points to a person."""
    spot: int
    """By what it is spotted, see `checks.private.spot`."""
    pattern: re.Pattern[bytes]
    judge: Judge
    source: str
    """Where form, length and check digits are published."""
    head: int = 0
    """Bytes at the beginning that may be shown: a first letter, a country, a published prefix."""
    tail: int = 0
    """The same at the end; of host names their ending."""


def _person(
    name: str, spot: int, pattern: bytes, judge: Judge, source: str, *, head: int = 0, tail: int = 2
) -> Kind:
    return Kind(name=name, secret=False, spot=spot, pattern=re.compile(pattern), judge=judge, source=source, head=head, tail=tail)  # fmt: skip


def _key(name: str, pattern: bytes, source: str, *, head: int, judge: Judge = secrets.token) -> Kind:
    return Kind(
        name=name, secret=True, spot=TOKEN, pattern=re.compile(pattern), judge=judge, source=source, head=head
    )


_GITHUB = "GitHub Docs, About authentication to GitHub; engineering blog 2021, token formats"
_GAP = rb"(?:\\[rn]|\s)"
"""The end of a line, as it is or as JSON writes it."""
_LABEL = rb"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

KINDS: tuple[Kind, ...] = (
    Kind(name="private key", secret=True, spot=BLOCK, judge=secrets.private_key, source="RFC 7468, RFC 1421, RFC 4880", head=11,
         pattern=re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----" + _GAP + rb"*(?:[A-Za-z-]{2,20}: ?[^\n]{0,90}?" + _GAP + rb"+){0,4}[A-Za-z0-9+/]{40,}(?:" + _GAP + rb"+[A-Za-z0-9+/]{20,})*(?:" + _GAP + rb"*[A-Za-z0-9+/=]{1,19})?=*(?:" + _GAP + rb"*=?[A-Za-z0-9+/=]{0,19}" + _GAP + rb"*-----END [A-Z0-9 ]+-----)?")),
    Kind(name="password in a URL", secret=True, spot=URL, judge=secrets.url, source="RFC 3986, section 3.2.1",
         pattern=re.compile(rb"[A-Za-z][A-Za-z0-9+]{1,30}://[^\s/:@\"'<>]{0,80}:[^\s/@]{1,160}@[A-Za-z0-9.\-\[\]:]{1,120}")),
    _key("Anthropic API key", rb"sk-ant-[a-z0-9]{2,12}-[A-Za-z0-9_-]{24,200}", "Anthropic; GitHub secret scanning partners", head=7),
    _key("OpenAI API key", rb"sk-(?:proj-|svcacct-|admin-|None-)[A-Za-z0-9_-]{32,220}|sk-[A-Za-z0-9]{32,64}(?![A-Za-z0-9])",
         "OpenAI; GitHub secret scanning partners", head=3, judge=secrets.mixed),
    _key("AWS access key", rb"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", "AWS IAM User Guide, Unique identifiers", head=4),
    _key("AWS secret key", rb"(?i:aws_secret_access_key)[\"']?\s{0,4}[:=]\s{0,4}[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
         "AWS, Programmatic access with AWS security credentials", head=21),
    _key("GitHub token", rb"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", _GITHUB, head=4),
    _key("GitLab token", rb"glpat-[A-Za-z0-9_-]{20,64}", "GitLab Docs, Token overview", head=6),
    _key("Slack token", rb"xox[abeoprs]-[A-Za-z0-9-]{20,250}|xapp-\d-[A-Za-z0-9-]{20,250}", "Slack API, Token types", head=5),
    _key("Stripe key", rb"[sr]k_live_[A-Za-z0-9]{16,247}", "Stripe Docs, API keys", head=8),
    _key("Google API key", rb"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", "Google Cloud, API keys; GitHub secret scanning partners", head=4),
    _key("Google OAuth secret", rb"GOCSPX-[A-Za-z0-9_-]{28}(?![A-Za-z0-9_-])", "Google Cloud; GitHub secret scanning partners", head=7),
    _key("Hugging Face token", rb"hf_[A-Za-z0-9]{34,40}(?![A-Za-z0-9])", "Hugging Face Hub, User access tokens", head=3),
    _key("npm token", rb"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])", "GitHub blog 2021, npm has a new access token format", head=4),
    _key("PyPI token", rb"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250}", "PyPI help, API tokens", head=5),
    _key("SendGrid key", rb"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", "Twilio SendGrid Docs, API keys", head=3),
    _key("DigitalOcean token", rb"do[opr]_v1_[a-f0-9]{64}", "DigitalOcean, token prefixes", head=7),
    _key("Shopify token", rb"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "Shopify dev docs, Access tokens", head=6),
    _key("JSON web token", rb"eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{16,2000}", "RFC 7519",
         head=3, judge=secrets.jwt),
    _person("e-mail address", AT, rb"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@(?:" + _LABEL + rb"\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9_-])",
            persons.email, "RFC 5321; RFC 2606 for reserved names", head=1),
    _person("bank account", IBAN, rb"[A-Z]{2}\d{2}(?:(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?|[A-Z0-9]{11,30})(?![A-Za-z0-9])",
            persons.iban, "ISO 13616; SWIFT IBAN registry", head=2),
    _person("payment card", CARD, rb"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)", persons.card, "ISO/IEC 7812; issuers' manuals"),
    _person("US social security number", SSN, rb"(?<!\d)\d{3}([ -]?)\d{2}\1\d{4}(?!\d)", persons.ssn, "SSA, POMS RM 10201"),
    _person("IP address", IP4, rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d)", persons.ip4, "RFC 791; IANA special-purpose registry"),
    _person("IP address", IP6, rb"[23][0-9a-fA-F]{3}(?::{1,2}[0-9a-fA-F]{1,4}){2,7}(?:::)?(?![0-9a-fA-F:])", persons.ip6,
            "RFC 4291; IANA special-purpose registry"),
    _person("phone number", PHONE, rb"(?:\+\d|\(\d|\d)(?:[ .()-]{0,3}\d){6,14}(?!\d)", persons.phone, "ITU-T E.164; NANPA"),
)  # fmt: skip
"""Kinds that are told apart by what they hold stand before those that would swallow them."""

NAMES = tuple(dict.fromkeys(kind.name for kind in KINDS))
"""Names of the kinds; an IP address has two forms."""
PREFIXES = (b"sk", b"rk", b"AK", b"AS", b"gh", b"gi", b"gl", b"xo", b"xa", b"AI", b"GO", b"hf", b"np", b"py", b"SG", b"do", b"sh", b"ey", b"aw", b"AW", b"Aw")  # fmt: skip
"""First two bytes of all keys that are spotted as words."""
