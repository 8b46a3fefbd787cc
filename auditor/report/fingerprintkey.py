"""The secret that fingerprints of findings are made with, and its name."""

from __future__ import annotations

import hashlib
import os

from auditor.settings import FINGERPRINT_KEY


def secret() -> bytes:
    """The key, of any length; empty where none is set."""
    given = os.environ.get(FINGERPRINT_KEY, "")
    return hashlib.sha256(given.encode()).digest() if given else b""


def key_name() -> str | None:
    """Four hexadecimal digits by which reports show whether they were made with the same secret; None without one.

    They tell 16 bits of it, so of a secret that could be guessed they would confirm a guess in all but 1 of 65,536 cases.
    """
    key = secret()
    return hashlib.blake2b(key, digest_size=2, person=b"name of key").hexdigest() if key else None
