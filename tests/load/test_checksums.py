"""A content that is not what was written is told from one that is."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.load.checksums import checked, with_checksum


@given(st.binary())
def test_what_is_whole_comes_back(content):
    assert checked(with_checksum(content)) == content


@given(st.binary(), st.data())
def test_what_is_torn_or_changed_does_not(content, data):
    kept = with_checksum(content)
    place = data.draw(st.integers(0, len(kept) - 1))
    assert checked(kept[:place]) is None
    assert checked(kept + b"x") is None
    assert checked(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]) is None


def test_what_never_had_a_checksum_is_refused():
    for found in (b"", b"\n", b"{}", b"{}\n{}"):
        assert checked(found) is None
