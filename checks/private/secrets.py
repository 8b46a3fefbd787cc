"""Whether what looks like a secret is one, and not what stands in its place in manuals."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import pairwise

from checks.private.judged import Judged

_STAND_IN = re.compile(
    rb"(?i)example|xxxx|\.\.\.|your|placeholder|redacted|dummy|sample|replace|change-?me|insert|0{8}|_here|-here|foobar|abcdefgh.*ijklmn"
)
_LEAST_DIFFERENT = 8
"""Different characters that random 16 have at least, but for one in a million; a stand-in repeats one or two."""
_WEAK = frozenset(
    b"""password pass passwd pwd secret user username root admin postgres mysql guest test pw p my-password mypassword changeme
    yourpassword your_password hunter2 example token key""".split()
)
"""Passwords of manuals and of fresh installs."""


def token(value: bytes, before: bytes, after: bytes) -> Judged:
    """A key by its prefix and length: random, so made of many different characters in no order."""
    if before[-1:].isalnum():
        return "no"
    body = value[-40:]
    few = len(set(body)) < _LEAST_DIFFERENT or _counting(body) > len(body) // 2
    return "example" if few or _STAND_IN.search(value) else "real"


def mixed(value: bytes, before: bytes, after: bytes) -> Judged:
    """The same for prefixes that are words, too: sk-learn-and-other-words is no key."""
    found = token(value, before, after)
    return found if re.search(rb"\d", value[3:]) and re.search(rb"[A-Za-z]", value[3:]) else "no"


def _counting(body: bytes) -> int:
    """Characters that follow the one before in the alphabet, or repeat it."""
    return sum(0 <= later - earlier <= 1 for earlier, later in pairwise(body))


def private_key(value: bytes, before: bytes, after: bytes) -> Judged:
    """A block with a body of random Base64."""
    body = value.split(b"-----", 2)[2]
    return "example" if len(set(body)) < 24 or _STAND_IN.search(body[:200]) else "real"


def jwt(value: bytes, before: bytes, after: bytes) -> Judged:
    """A signed token: its header is JSON that names an algorithm. Source: RFC 7519."""
    head, payload, _ = value.split(b".")
    if before[-1:].isalnum() or b'"alg"' not in _decoded(head):
        return "no"
    said = _decoded(payload)
    sample = b"1516239022" in said or b"John Doe" in said or b"1234567890" in said
    return "example" if sample else "real"


def _decoded(part: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""


def url(value: bytes, before: bytes, after: bytes) -> Judged:
    """A password in an address, RFC 3986: scheme://user:password@host."""
    user, _, rest = value.partition(b"://")[2].partition(b":")
    password, _, host = rest.rpartition(b"@")
    name = password.lower()
    variable = password[:1] in b"<${[%*" or password[-1:] in b">}]" or not password.strip(b"*x.")
    if name in _WEAK or name == user.lower() or variable or name.startswith((b"your", b"my", b"pass")):
        return "example"
    reserved = re.search(rb"(?i)(?:^|\.)example(?:\.(?:com|org|net))?$", host)
    return "example" if reserved or _STAND_IN.search(password) else "real"
