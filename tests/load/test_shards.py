"""Large files in shards: borders follow from the content, and what has not changed is not read again."""

import hashlib
import json
import os
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.load import probes, sharded, shards, stamps
from auditor.load.arrayfile import read_arrays, write_arrays
from auditor.load.condense import Condenser
from auditor.load.shards import NOTHING, Cut, Known
from auditor.load.store import Store
from auditor.load.walks import Walks
from auditor.load.work import Work
from auditor.opening import open_data
from auditor.settings import Settings
from checks.contract import Data, TextSettings
from checks.duplicates import Duplicates
from checks.leakage import Leakage
from checks.text import clusters, walk
from tests import helpers
from tests.load.desk import found, rows, trouble

WORDS = helpers.vocabulary(2000, seed=71)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(shards, "SMALLEST", 4096)
    monkeypatch.setattr(sharded, "LARGE", 8192)


SECRET = bytes(range(32))


def condensed(content: bytes, secret: bytes = SECRET) -> str:
    """By hand, in Python's own numbers."""
    key = hashlib.shake_256(secret).digest(4096)
    keys = [int.from_bytes(key[place : place + 8], "little") for place in range(0, 4096, 8)]
    out = b""
    for start in range(0, len(content), 4096):
        block = content[start : start + 4096].ljust(4096, b"\0")
        words = [int.from_bytes(block[place : place + 8], "little") for place in range(0, 4096, 8)]
        total = sum(
            ((words[i] + keys[i]) % 2**64) * ((words[i + 1] + keys[i + 1]) % 2**64) for i in range(0, 512, 2)
        )
        out += (total % 2**128).to_bytes(16, "little")
    return hashlib.sha256(out + len(content).to_bytes(8, "little")).hexdigest()


def hash_of(content: bytes, secret: bytes = SECRET) -> str:
    made = Condenser(secret)
    made.update(memoryview(content))
    return made.digest()


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 8192, 9000])
def test_contents_are_told_apart(size):
    content = bytes(n * n % 251 for n in range(size))
    for one, secret in ((content, SECRET), (content, b"x" * 32), (content + b"\0", SECRET)):
        assert hash_of(one, secret) == condensed(one, secret)
    assert condensed(content) != condensed(content + b"\0")
    assert not size or condensed(content) != condensed(content, b"x" * 32)


def test_the_secret_of_a_cache_stays_and_is_private(desk):
    store = Store(desk.cache)
    first = store.secret()
    assert len(first) == 32
    assert Store(desk.cache).secret() == first
    assert (desk.cache / "secret").stat().st_mode & 0o777 == 0o600
    (desk.cache / "secret").write_bytes(b"torn")
    assert len(store.secret()) == 32
    assert desk.left() == []


def records(number: int, seed: int = 1) -> list[dict[str, object]]:
    rng = helpers.seeded(seed)
    return [
        {
            "prompt": " ".join(rng.choices(WORDS, k=rng.randint(3, 30))),
            "completion": " ".join(rng.choices(WORDS, k=rng.randint(0, 40))),
        }
        for _ in range(number)
    ]


def lines(made) -> list[bytes]:
    return [json.dumps(one).encode() + b"\n" for one in made]


def cut(path, known: Known = NOTHING) -> tuple[list[bytes], str]:
    """The bytes of each shard, and the hash of the whole."""
    file = os.open(path, os.O_RDONLY)
    try:
        made = Cut(file, os.fstat(file).st_size, SECRET, known)
        found = list(made)
        pieces = [os.pread(file, one.size, one.offset) for one in found]
    finally:
        os.close(file)
    assert [hash_of(piece) for piece in pieces] == [one.key for one in found]
    assert [one.offset for one in found] == np.cumsum([0, *map(len, pieces)])[:-1].tolist()
    return pieces, made.digest()


@given(
    st.lists(st.binary(max_size=900).map(lambda line: line.replace(b"\n", b"")), max_size=60), st.booleans()
)
def test_shards_are_whole_lines_and_together_the_file(tmp_path_factory, content, ended):
    whole = b"\n".join(content) + (b"\n" if ended else b"")
    path = tmp_path_factory.mktemp("cut") / "a"
    path.write_bytes(whole)
    pieces, digest = cut(path)
    assert b"".join(pieces) == whole
    assert digest == hashlib.sha256(whole).hexdigest()
    assert all(piece.endswith(b"\n") and len(piece) > shards.SMALLEST for piece in pieces[:-1])


def known(pieces: list[bytes], also: dict[str, list[int]] | None = None) -> Known:
    """What an earlier audit that met these shards knows."""
    sizes = dict(also or {})
    for piece in pieces:
        sizes.setdefault(hash_of(piece[:4096])[:16], []).append(len(piece))
    keys = {hash_of(piece) for piece in pieces}
    return Known(sizes, lambda shard: shard.key in keys)


@given(
    st.lists(st.sampled_from([100, 1000, 3000, 9000]), max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from([b"", b"x", b"\n", b"y" * 700])), max_size=3),
    st.lists(st.integers(0, 30_000), max_size=3),
)
def test_shards_that_are_known_are_whole_lines_too(tmp_path_factory, sizes, changes, lies):
    path = tmp_path_factory.mktemp("cut") / "a"
    old = [str(n).encode() * (size // len(str(n))) for n, size in enumerate(sizes)]
    path.write_bytes(b"\n".join(old))
    before, _ = cut(path)
    for place, change in changes:
        old[place:place] = [change]
    whole = b"\n".join(old)
    path.write_bytes(whole)
    wrong = {hash_of(piece[:4096])[:16]: [*lies] for piece in before}
    pieces, digest = cut(path, known(before, wrong))
    assert b"".join(pieces) == whole
    assert digest == hashlib.sha256(whole).hexdigest()
    assert all(piece.endswith(b"\n") and len(piece) >= shards.SMALLEST for piece in pieces[:-1])


def test_borders_are_looked_for_only_where_something_changed(tmp_path, monkeypatch):
    content = lines(records(900))
    (tmp_path / "a").write_bytes(b"".join(content))
    before, _ = cut(tmp_path / "a")
    looked = list[int]()
    border = Cut._border
    monkeypatch.setattr(Cut, "_border", lambda self, start: looked.append(start) or border(self, start))
    cut(tmp_path / "a")
    assert len(looked) == len(before)
    looked.clear()
    assert cut(tmp_path / "a", known(before))[0] == before
    assert not looked
    (tmp_path / "a").write_bytes(b"".join([*content[:300], *lines(records(3, seed=5)), *content[300:]]))
    after, _ = cut(tmp_path / "a", known(before))
    assert 1 <= len(looked) <= 9
    assert after[-1] == before[-1]


def test_a_known_shard_whose_last_line_goes_on_is_none(tmp_path):
    content = b"".join(lines(records(300))) + b"half a line"
    (tmp_path / "a").write_bytes(content)
    before, _ = cut(tmp_path / "a")
    (tmp_path / "a").write_bytes(content + b", the other half\n" + b"".join(lines(records(300, seed=2))))
    after, _ = cut(tmp_path / "a", known(before))
    assert after[: len(before) - 1] == before[:-1]
    assert not after[len(before) - 1].startswith(before[-1] + b"\n")
    assert all(piece.endswith(b"\n") for piece in after)


def test_a_rest_that_grows_is_one_shard_until_it_is_large_enough(tmp_path):
    """A file to which a line is added time and again."""
    content, pieces = lines(records(300)), list[bytes]()
    for size in range(200, 300):
        (tmp_path / "a").write_bytes(b"".join(content[:size]))
        pieces, _ = cut(tmp_path / "a", known(pieces))
    assert all(len(piece) >= shards.SMALLEST for piece in pieces[:-1])


def test_types_that_mix_across_shards_are_told_as_in_one_file(desk, monkeypatch):
    """Labels that are numbers in the first half of a file and texts in the second."""
    rows_ = [
        {"text": f"{one['prompt']}", "label": n % 3 if n < 300 else f"{n % 3}"}
        for n, one in enumerate(records(600))
    ]
    path = desk.write("a.jsonl", rows_)
    in_shards = desk.load(path)
    assert len(in_shards.train.parts) > 5
    monkeypatch.setattr(sharded, "LARGE", 1 << 40)
    whole = desk.__class__(folder=desk.folder, cache=desk.cache.with_name("other")).load(path)
    assert in_shards.ledger.equals(whole.ledger)
    assert in_shards.ledger["code"].to_list() == ["mixed-types"]


def test_a_change_costs_the_shards_it_stands_in(tmp_path):
    content = lines(records(900))
    (tmp_path / "a").write_bytes(b"".join(content))
    before, _ = cut(tmp_path / "a")
    assert len(before) > 20
    for change in (
        content[:300] + lines(records(3, seed=5)) + content[300:],
        content[:300] + content[303:],
        content[:300] + lines(records(1, seed=6)) + content[301:],
        content + lines(records(4, seed=7)),
    ):
        (tmp_path / "a").write_bytes(b"".join(change))
        after, _ = cut(tmp_path / "a")
        new = [piece not in before for piece in after]
        assert 1 <= sum(new) <= 9
        assert new[-1] <= (change[-1] != content[-1]), "borders coincide again"


def test_one_endless_line_is_one_shard(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert len(cut(tmp_path / "a")[0]) == 1


def messy() -> list[bytes]:
    """Records of two formats, bad lines, blank ones, and more findings of a kind than are listed."""
    content = lines(records(400))
    for place in range(7, 400, 7):
        content.insert(place, b'{"prompt": 1, "bad\n')
    content[50:50] = lines([{"messages": [{"role": "user", "content": "another format"}]}] * 3)
    content[120:120] = [b"\n", b"   \n", b'{"prompt": "no answer"}\n'] + [b"[]\n"] * 1200
    return content


def everything(loaded):
    return (
        loaded.train.frame.sort("row").collect(), loaded.ledger, loaded.inputs, loaded.notes, loaded.impossible
    )  # fmt: skip


def test_a_file_in_shards_is_read_as_one(desk, monkeypatch):
    desk.write("a.jsonl", b"".join(messy()))
    in_shards = desk.load(str(desk.folder / "a.jsonl"))
    assert len(in_shards.train.parts) > 10
    assert len({part.lines_before for part in in_shards.train.parts}) > 10
    monkeypatch.setattr(sharded, "LARGE", 1 << 40)
    other = desk.__class__(folder=desk.folder, cache=desk.cache.with_name("other"))
    whole = other.load(str(desk.folder / "a.jsonl"))
    assert len(whole.train.parts) == 1
    for ours, theirs in zip(everything(in_shards), everything(whole), strict=True):
        assert ours.equals(theirs) if isinstance(ours, pl.DataFrame) else ours == theirs
    assert in_shards.ledger["records"].sum() > 1200


@pytest.mark.parametrize("content", [b"[]\n" * 3000, b"\xef\xbb\xbf" + b"".join(lines(records(100)))])
def test_what_cannot_be_cut_is_read_in_one(desk, content):
    loaded = desk.read("a.jsonl", content)
    assert len(loaded.train.parts) == 1


def test_records_that_belong_together_stay_together(desk):
    """Judgements of one item may stand anywhere in a file; a split column routes each record."""
    judged = [
        {"item": f"i{n % 90}", "text": f"text {n % 90}", "label": "ab"[n % 2], "annotator": f"p{n // 90}"}
        for n in range(270)
    ]
    assert desk.read("a.jsonl", judged).train.rows == 90
    routed = [
        {"text": f"t{n}", "label": "ab"[n % 2], "split": "train" if n % 3 else "test"} for n in range(300)
    ]
    loaded = desk.read("b.jsonl", routed)
    assert (loaded.train.rows, loaded.eval.rows) == (200, 100)


def test_only_changed_shards_are_read(desk, monkeypatch):
    content = lines(records(600))
    path = desk.write("a.jsonl", b"".join(content))
    desk.load(path)
    read = list[str]()
    kept = sharded.Shop.read

    def noted(shop, job):
        read.append(job.name)
        kept(shop, job)

    monkeypatch.setattr(sharded.Shop, "read", noted)
    desk.write("a.jsonl", b"".join(content[:200] + lines(records(1, seed=8)) + content[200:]))
    loaded = desk.load(path)
    assert 1 <= len(read) <= 9
    assert all(name in {path.name for path in (desk.cache / "stores").iterdir()} for name in read)
    assert loaded.train.rows == 601
    assert rows(loaded.train, "line") == list(range(1, 602))
    assert desk.left() == []


def test_a_lost_shard_is_read_again(desk):
    path = desk.write("a.jsonl", b"".join(messy()))
    os.utime(path, ns=(10**18, 10**18))
    first = desk.load(path)
    lost = first.train.parts[3].path
    lost.unlink()
    first.train.parts[5].path.write_bytes(b"torn")
    again = desk.load(path)
    assert again.train.frame.collect().equals(first.train.frame.collect())
    assert found(again) == found(first)


def meanwhile(monkeypatch, write):
    """Somebody writes to the file as soon as its first shard has been cut."""
    cut = sharded.Cut.__iter__

    def cut_and_write(self):
        for number, shard in enumerate(cut(self)):
            if number == 0:
                write()
            yield shard

    monkeypatch.setattr(sharded.Cut, "__iter__", cut_and_write)


def test_what_is_read_of_another_content_than_was_cut_is_not_kept(desk, monkeypatch):
    path = desk.write("a.jsonl", records(500))
    content = Path(path).read_bytes()
    meanwhile(monkeypatch, lambda: Path(path).write_bytes(b"#" + content[1:]))
    loaded = desk.load(path)
    assert "was written to while it was read; audit it again" in trouble(loaded)
    monkeypatch.undo()
    again = desk.load(path)
    assert found(again) == [("bad-json", 1)]


def test_a_file_that_grows_meanwhile_is_read_as_far_as_it_went(desk, monkeypatch):
    path = desk.write("a.jsonl", records(500))
    content = Path(path).read_bytes()
    meanwhile(monkeypatch, lambda: Path(path).write_bytes(content + b"{}\n"))
    loaded = desk.load(path)
    assert (loaded.train.rows, found(loaded)) == (500, [])
    assert any("was written to while it was read" in note for note in loaded.notes), loaded.notes


def opened(desk, train, evals):
    return open_data(Settings(train=(train,), eval=(evals,)), TextSettings(), Work(cache=desk.cache)).data


@pytest.fixture
def leaky(desk):
    """A training file in shards that holds some eval rows, and the eval file."""
    train, evals = records(500), records(60, seed=2)
    for place in range(0, 500, 9):
        one = evals[place % 60]
        train[place] = {
            "prompt": one["prompt"],
            "completion": f"{train[place]['completion']} {one['completion']}",
        }
    train += train[100:140]
    return desk.write("a.jsonl", train), desk.write("e.jsonl", evals)


def results(data):
    found = Leakage().run(data)
    return [measure.value for measure in found.measures], [one.table.rows() for one in found.evidence]


def test_walks_over_shards_find_what_one_walk_finds(desk, leaky, monkeypatch):
    in_shards = opened(desk, *leaky)
    expected = results(in_shards)
    assert len(in_shards.train.parts) > 10
    assert expected[0][4] > 10, "leaked eval rows"
    monkeypatch.setattr(sharded, "LARGE", 1 << 40)
    other = desk.__class__(folder=desk.folder, cache=desk.cache.with_name("other"))
    assert results(opened(other, *leaky)) == expected
    assert results(Data(train=in_shards.train, eval=in_shards.eval)) == expected, "without any store"


def test_kept_walks_are_taken(desk, leaky, monkeypatch):
    expected = results(opened(desk, *leaky))
    monkeypatch.setattr(walk.Walker, "see", None)
    monkeypatch.setattr(walk.Walker, "done", None)
    assert results(opened(desk, *leaky)) == expected


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_a_damaged_walk_is_made_again(desk, leaky, damage):
    expected = results(opened(desk, *leaky))
    kept = sorted(desk.cache.glob("stores/walk-*/walk"))
    assert len(kept) > 10
    for path in kept[::2]:
        old = path.read_bytes()
        path.write_bytes(damage if damage is not None else old[:-200] + bytes([old[-200] ^ 1]) + old[-199:])
    assert results(opened(desk, *leaky)) == expected


def test_the_eval_side_is_made_ready_once(desk, leaky, monkeypatch):
    expected = results(opened(desk, *leaky))
    monkeypatch.setattr(probes, "prepare", None)
    assert results(opened(desk, *leaky)) == expected


@pytest.mark.parametrize("name", ["probe", "alike"])
@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_what_is_kept_and_damaged_is_made_again(desk, leaky, name, damage):
    expected = results(opened(desk, *leaky))
    kept = list(desk.cache.glob(f"*/{name}-*/{name}")) or [*desk.cache.glob(f"known/{name}-*")]
    assert kept
    for path in kept:
        old = path.read_bytes()
        path.write_bytes(damage if damage is not None else old[:-8] + bytes([old[-8] ^ 1]) + old[-7:])
        damaged = path.read_bytes()
    assert results(opened(desk, *leaky)) == expected
    assert all(path.read_bytes() != damaged for path in kept)
    assert desk.left() == []


def test_similarities_are_measured_once(desk, leaky, monkeypatch):
    train, _ = leaky
    texts = Path(train).read_text().splitlines()
    near = json.loads(texts[0])
    near["completion"] += " more"
    desk.write("a.jsonl", "\n".join([*texts, json.dumps(near)]) + "\n")
    first = Duplicates().run(opened(desk, *leaky))
    assert first.measures[1].value > 0
    monkeypatch.setattr(clusters, "similarities", None)
    again = Duplicates().run(opened(desk, *leaky))
    assert again.measures == first.measures
    assert [one.table.rows() for one in again.evidence] == [one.table.rows() for one in first.evidence]


def test_walks_are_kept_for_each_eval_set_and_setting(desk, leaky):
    train, evals = leaky
    opened_once = opened(desk, train, evals)
    results(opened_once)
    number = len(list(desk.cache.glob("stores/walk-*")))
    other = desk.write("f.jsonl", records(10, seed=3))
    results(opened(desk, train, other))
    assert len(list(desk.cache.glob("stores/walk-*"))) == 2 * number
    assert isinstance(Walks, type)


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.tuples(st.sampled_from(["<i4", "<u8", "|b1", "<f8"]), st.integers(0, 30), st.integers(1, 3)),
        max_size=5,
    )
)
def test_arrays_come_back_as_they_were(tmp_path_factory, wanted):
    rng = np.random.default_rng(1)
    arrays = {
        name: rng.integers(0, 2, (size, width)).astype(dtype) for name, (dtype, size, width) in wanted.items()
    }
    path = tmp_path_factory.mktemp("arrays") / "a"
    write_arrays(path, arrays)
    assert path.stat().st_mode & 0o777 == 0o600
    again = read_arrays(path)
    assert list(again) == list(arrays)
    for name, array in arrays.items():
        assert again[name].dtype == array.dtype
        assert again[name].tolist() == array.tolist()
        assert not again[name].flags.writeable
        assert again[name].ctypes.data % 64 == 0 or not array.size


@pytest.mark.parametrize("content", [b"x", b"\n", b'[["a","<i4",[5]]]\n', b'[["a","O",[1]]]\n12345678'])
def test_what_is_no_file_of_arrays_is_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises((ValueError, TypeError, msgspec.MsgspecError)):
        read_arrays(tmp_path / "a")


def test_borders_are_the_same_from_whatever_shard_on(tmp_path):
    """Two files that end alike are cut alike from some line on."""
    tail = lines(records(500, seed=4))
    cuts = []
    for seed in (10, 11):
        (tmp_path / "a").write_bytes(b"".join(lines(records(50 + seed, seed=seed)) + tail))
        cuts.append(cut(tmp_path / "a")[0])
    same = [one == other for one, other in zip(cuts[0][::-1], cuts[1][::-1], strict=False)]
    assert all(first or not second for first, second in pairwise(same))
    assert sum(same) > 8


@pytest.mark.parametrize("later", [stamps.RACY, 0])
def test_a_file_changed_a_moment_ago_is_not_trusted_by_its_times(desk, monkeypatch, later):
    """On a file system of coarse times a file may change and keep the time it has, however long it is read then."""
    path = desk.write("a.jsonl", records(500))
    content, same = Path(path).read_bytes(), stamps.stamp(Path(path).stat())
    assert same.racy
    monkeypatch.setattr(sharded, "stamp", lambda _status: same)

    def change():
        Path(path).write_bytes(b"#" + content[1:])
        monkeypatch.setattr(stamps, "RACY", later)

    meanwhile(monkeypatch, change)
    assert "was written to while it was read" in trouble(desk.load(path))


def test_a_shard_that_comes_twice_is_stored_once(desk):
    lines = records(200)
    shard = "".join(json.dumps(one) + "\n" for one in lines)
    loaded = desk.read("a.jsonl", shard * 6)
    assert loaded.train.rows == 1200
    paths = [part.path for part in loaded.train.parts]
    assert len(set(paths)) < len(paths)
    assert loaded.train.frame.select("line").collect()["line"].n_unique() == 1200
