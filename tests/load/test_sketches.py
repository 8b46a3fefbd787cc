"""Sketch files: whole or refused, without a word of the text, and useless without their key."""

from __future__ import annotations

import hashlib
import json
import struct

import numpy as np
import pytest

from auditor.errors import DataError
from auditor.load import sketches
from auditor.load.sketches import MAGIC, pack, read_secret, read_sketch, scheme
from checks.text.sketch import make_rows
from checks.text.texts import Texts
from tests import helpers

WORDS = helpers.vocabulary(300, seed=12)
SECRET = b"a secret of the eval team, 32 bytes"
SEAL = 32
SCHEME = "62283f3aa0a5593cccc1542de4246981"


def texts(rows: int = 30) -> Texts:
    rng = helpers.seeded(1)
    pairs = [
        (" ".join(rng.choices(WORDS, k=9)), " ".join(rng.choices(WORDS, k=rng.randint(1, 80))))
        for _ in range(rows)
    ]
    return Texts(helpers.asked("eval", [*pairs, ("", ""), ("hi", "there")]))


def read(content: bytes, secret: bytes | None = None):
    return read_sketch(content, "eval.sketch", secret)


def parts(content: bytes) -> tuple[dict, bytes]:
    """Header and arrays of a file."""
    size = struct.unpack("<I", content[len(MAGIC) : len(MAGIC) + 4])[0]
    start = len(MAGIC) + 4
    return json.loads(content[start : start + size]), content[start + size : -SEAL]


def sealed(header: dict | bytes, body: bytes) -> bytes:
    """A file that is whole, whatever it says."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    content = MAGIC + struct.pack("<I", len(head)) + head + body
    return content + hashlib.sha256(content).digest()


@pytest.mark.parametrize("secret", [None, SECRET])
def test_what_is_read_is_what_was_hashed(secret):
    found = read(pack(texts(), secret), secret)
    again = make_rows(texts(), found.key)
    for one, two in zip(found.rows, again, strict=True):
        assert one.dtype == two.dtype
        assert np.array_equal(one, two)
        assert one.flags.writeable == two.flags.writeable
    assert found.name == "eval.sketch"


def test_no_word_of_the_text_is_in_the_file():
    content = pack(texts(), None)
    long = [word.encode() for word in WORDS if len(word) > 3]
    assert not [word for word in long if word in content]
    header, _ = parts(content)
    assert set(header) == {"scheme", "key", "salt", "proof", "rows", "phrases", "short"}


def test_two_sketches_of_the_same_rows_have_nothing_in_common():
    for secret in (None, SECRET):
        one, two = (read(pack(texts(), secret), secret) for _ in range(2))
        assert one.key != two.key
        assert not np.isin(one.rows.phrases, two.rows.phrases).any()


def test_with_a_key_file_the_key_is_not_in_the_file():
    content = pack(texts(), SECRET)
    header, _ = parts(content)
    assert header["key"] == ""
    salt = bytes.fromhex(header["salt"])
    key = hashlib.blake2b(SECRET, salt=salt, person=b"sketch", digest_size=16).digest()
    assert key not in content
    assert key.hex().encode() not in content


def test_a_wrong_key_a_missing_key_and_a_needless_key():
    with pytest.raises(DataError, match=r"not the one that eval\.sketch was made with"):
        read(pack(texts(), SECRET), SECRET + b"!")
    with pytest.raises(DataError, match="made with a key file; name it with --key-file"):
        read(pack(texts(), SECRET))
    with pytest.raises(DataError, match="carries its own key"):
        read(pack(texts(), None), SECRET)


def test_every_cut_and_every_changed_byte_is_noticed():
    content = pack(texts(3), None)
    rng = helpers.seeded(2)
    cuts = [content[:size] for size in (len(MAGIC), len(MAGIC) + 3, 40, 300, len(content) - 1)]
    places = [len(MAGIC), len(MAGIC) + 5, len(content) - 1, *rng.sample(range(len(MAGIC), len(content)), 40)]
    other = [(place, content[place] ^ 1 + rng.randrange(255)) for place in places]
    changed = [content[:place] + bytes([byte]) + content[place + 1 :] for place, byte in other]
    for damaged in [*cuts, *changed, content + b"\0"]:
        with pytest.raises(DataError, match=r"eval\.sketch is a damaged sketch"):
            read(damaged)


def test_another_version_and_another_way_to_hash_say_what_to_do(monkeypatch):
    content = pack(texts(), None)
    with pytest.raises(DataError, match="another version of auditor; sketch the eval set again"):
        read(content.replace(b"auditor-sketch 1", b"auditor-sketch 2"))
    monkeypatch.setattr(sketches, "scheme", lambda: "0" * 32)
    with pytest.raises(DataError, match="hashes otherwise; sketch the eval set again"):
        read(content)


def test_the_scheme_is_that_of_every_sketch_so_far():
    """If this fails, folding or hashing has changed: sketches that are out there can no longer be read. Is it worth it?"""
    assert scheme() == SCHEME


HEADERS = {
    "no number": {"rows": "many"},
    "too many rows": {"rows": 1 << 40},
    "no rows": {"rows": 0},
    "fewer than none": {"rows": -1},
    "more short rows than rows": {"short": 1000},
    "more phrases than there are": {"phrases": 1 << 30},
    "fewer phrases than there are": {"phrases": 1},
    "a stranger": {"run": "rm -rf"},
    "no key": {"key": "zz"},
    "a short key": {"key": "ab"},
    "a long key": {"key": "ab" * 99},
    "a wrong proof": {"proof": "\u2028"},
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
def test_hostile_headers_under_a_right_seal(change):
    header, body = parts(pack(texts(), None))
    with pytest.raises(DataError, match="damaged"):
        read(sealed(header | change, body))


@pytest.mark.parametrize(
    "head", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 60_000, b'{"rows": NaN}', b" " * 70_000]
)
def test_headers_that_are_none(head):
    _, body = parts(pack(texts(), None))
    with pytest.raises(DataError, match="damaged"):
        read(sealed(head, body))


def array_of(body: bytes, header: dict, name: str) -> tuple[int, int, str]:
    start = 0
    for one, (kind, of, width) in sketches._LAYOUT.items():
        size = header[of] * width * np.dtype(kind).itemsize
        if one == name:
            return start, start + size, kind
        start += size
    raise KeyError(name)


ARRAYS = {
    "negative words": ("words", lambda a: a * 0 - 1),
    "a prompt longer than its row": ("asked", lambda a: a + 1_000),
    "no such prompt": ("asked", lambda a: a * 0 - 2),
    "more phrases than words": ("words", lambda a: a * 0),
    "sizes below none": ("sizes", lambda a: np.concatenate((a[:1] + 5, a[1:2] - 5 - a[1:2] - 1, a[2:]))),
    "sizes of too many": ("sizes", lambda a: a + 1),
    "phrases out of order": ("phrases", lambda a: a[::-1]),
    "phrases twice": ("phrases", lambda a: a * 0),
    "flags that are none": ("asked_for", lambda a: a + 2),
    "short rows out of range": ("short", lambda a: a + 1_000),
    "short rows below none": ("short", lambda a: a - 1_000),
    "short rows twice": ("short", lambda a: a * 0),
    "long rows called short": ("words", lambda a: a + 100),
}


@pytest.mark.parametrize(("name", "change"), ARRAYS.values(), ids=ARRAYS)
def test_hostile_arrays_under_a_right_seal(name, change):
    header, body = parts(pack(texts(), None))
    start, stop, kind = array_of(body, header, name)
    array = change(np.frombuffer(body[start:stop], kind)).astype(kind)
    with pytest.raises(DataError, match="damaged"):
        read(sealed(header, body[:start] + array.tobytes() + body[stop:]))


def test_a_key_file_must_be_there_and_long_enough(tmp_path):
    path = tmp_path / "key"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_secret(path)
    path.write_bytes(b"hunter2\n")
    with pytest.raises(
        DataError, match=r"holds 7 bytes; it must hold at least 16 .* head -c 32 /dev/urandom > key"
    ):
        read_secret(path)
    for ending in (b"", b"\n", b"\r\n"):
        path.write_bytes(SECRET + ending)
        assert read_secret(path) == SECRET


def test_arrays_that_only_look_right_do_no_harm():
    from checks.contract import Data
    from checks.sketched import sketch_leaks

    header, body = parts(pack(texts(), None))
    rng = np.random.default_rng(1)
    train = helpers.asked("train", [(f"{word} {word}", " ".join(WORDS[:40])) for word in WORDS[:60]])
    for _ in range(10):
        noisy = body
        for name in ("text", "prompt", "summary", "asked_for", "phrases"):
            start, stop, kind = array_of(body, header, name)
            array = rng.integers(
                0, 2 if name == "asked_for" else 1 << 63, (stop - start) // np.dtype(kind).itemsize
            )
            array = np.sort(array) if name == "phrases" else array
            noisy = noisy[:start] + array.astype(kind).tobytes() + noisy[stop:]
        found = sketch_leaks(Data(train=train, sketch=read(sealed(header, noisy))))
        assert not found.kind.any()
