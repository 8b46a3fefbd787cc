"""Personal data and secrets are found by their published forms; examples of documentation are told apart."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.private import persons
from checks.private.find import column_parts, find
from checks.private.kinds import KINDS, NAMES, PREFIXES
from checks.private.lists import IBAN_LENGTHS
from checks.private.mask import hidden, hide_all, masked
from checks.private.spot import TOKEN
from tests.secrets_of import EXAMPLES, NOTHING, PERSONAL, SECRETS

REAL = [(kind, value) for table in (SECRETS, PERSONAL) for kind, values in table.items() for value in values]
AROUND = ["{}", "see {} there", "({})", '"{}"', "a\n{}\nb", "é {}. Ü", "x: {}, y", "<{}>", "„{}“", "{}\n"]


def found(*texts):
    data, bounds = column_parts(pa.array(texts, pa.large_string()))
    for one in find(data, bounds):
        assert bytes(data[one.start : one.stop]) == one.value
        assert bounds[one.row] <= one.start < one.stop <= bounds[one.row + 1]
        yield one.row, one.kind.name, one.example, one.value.decode()


# Nothing to find


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_it_is_not_found(text):
    assert [one for one in found(text) if not one[2]] == []


@pytest.mark.parametrize(
    "texts", [[], [""], [None], ["", None, " "], ["a" * 7], ["1" * 7], ["@"], ["a@"], [":"], ["-----BEGIN"]]
)
def test_nothing_is_found_in_nothing(texts):
    assert list(found(*texts)) == []


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in EXAMPLES.items() for value in values]
)
def test_examples_of_documentation_are_told_apart(kind, value):
    assert list(found(f"so {value} is one")) == [(0, kind, True, value)]


# Everything


@pytest.mark.parametrize(("kind", "value"), REAL)
def test_each_kind_is_found_wherever_it_stands(kind, value):
    for around in AROUND:
        (one,) = found(around.format(value))
        assert one[:3] == (0, kind, False), around
        assert one[3] in (value, value[: len(one[3])]), around


def test_every_kind_is_tested():
    assert {*SECRETS, *PERSONAL} == set(NAMES)
    assert {kind.name for kind in KINDS if kind.secret} == set(SECRETS)
    assert all(kind.source for kind in KINDS)


def test_every_key_is_spotted_by_its_prefix():
    for kind in KINDS:
        if kind.spot == TOKEN:
            for value in SECRETS[kind.name]:
                assert value[:2].encode() in PREFIXES, kind.name


@pytest.mark.parametrize(
    "text",
    [
        "phone: 415-736-5001", "call me at (415) 736-5001", "Tel. 030 98765432", "my cell number is 736-5001",
        "mobile 0171 2345981", "fax +49 (30) 98765432",
    ],
)  # fmt: skip
def test_phone_numbers_of_a_country_count_behind_a_word(text):
    ((_, kind, example, _),) = found(text)
    assert (kind, example) == ("phone number", False)


def test_digits_without_hyphens_count_as_ssn_behind_a_word():
    assert [one[1] for one in found("SSN: 536904399")] == ["US social security number"]
    assert not list(found("number 536904399"))


def test_texts_do_not_run_into_each_other():
    texts = [piece for _, value in REAL for piece in ("abc", value, "1234", "xyz-")]
    assert [row % 4 for row, *_ in found(*texts)] == [1] * len(REAL)
    halves = [half for _, value in REAL for half in (value[: len(value) // 2], value[len(value) // 2 :])]
    assert len(list(found(*halves))) < len(REAL) / 2, "half a value is seldom one"


def test_many_values_in_one_text_are_all_found():
    many = [f"n{number}@firm{number}.io" for number in range(50_000)]
    assert [one[3] for one in found(" ".join(many), "", "x")] == many
    assert len(list(found("sk-" * 100_000))) == 0


def test_a_view_of_some_rows_is_looked_at_alone():
    column = pa.array(["a@b.io", None, "c@d.io", "e@f.io"], pa.large_string()).slice(1, 2)
    data, bounds = column_parts(column)
    assert [(one.row, one.value) for one in find(data, bounds)] == [(1, b"c@d.io")]


def test_of_what_overlaps_one_counts():
    assert [one[1] for one in found("https://ann:S3cretPw9@acme.io")] == ["password in a URL"]
    assert [one[1] for one in found("card 4539 1488 0343 6467")] == ["payment card"]


# Check digits, against independent ways to reckon them


@given(st.text("0123456789", min_size=1, max_size=25))
@settings(max_examples=200, deadline=None)
def test_luhn_by_its_definition(digits):
    doubled = [int(c) * (2 if (len(digits) - i) % 2 == 0 else 1) for i, c in enumerate(digits)]
    assert persons.luhn(digits.encode()) == (sum(sum(map(int, str(n))) for n in doubled) % 10 == 0)


@given(st.sampled_from(sorted(IBAN_LENGTHS)), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_iban_of_every_country_by_its_check_digits(country, rng):
    body = "".join(rng.choices("0123456789", k=IBAN_LENGTHS[country] - 4))
    rest = 0
    for c in body + country.decode() + "00":  # digit by digit, as on paper
        for digit in str(int(c, 36)):
            rest = (rest * 10 + int(digit)) % 97
    value = f"{country.decode()}{98 - rest:02}{body}"
    wrong = value[:-1] + str((int(value[-1]) + 1) % 10)
    assert persons.iban(value.encode(), b" ", b" ") in ("real", "example")
    assert persons.iban(wrong.encode(), b" ", b" ") == "no"
    assert [one[1] for one in found(f"to {value} please") if not one[2]] in (["bank account"], [])


_SIMPLE = re.compile(
    r"(?<![A-Za-z0-9._%+'@-])[A-Za-z0-9][A-Za-z0-9._%+'-]{0,20}@(?:[a-z0-9]{1,9}\.){1,3}(?:com|de)(?![A-Za-z0-9_.@:/-])"
)


@given(
    st.lists(
        st.text("ab1@. -_:/\n", max_size=30).map(lambda t: t + "x@ab.com ") | st.just("yy@z.de"), max_size=6
    )
)
@settings(max_examples=300, deadline=None)
def test_addresses_are_found_as_by_a_plain_search(texts):
    theirs = {
        (row, hit[0])
        for row, text in enumerate(texts)
        for hit in _SIMPLE.finditer(text)
        if "//" not in text and ".." not in hit[0]
    }
    assert theirs <= {(row, value) for row, kind, _, value in found(*texts) if kind == "e-mail address"}


# Masks


@pytest.mark.parametrize(("kind", "value"), REAL)
def test_masks_tell_next_to_nothing(kind, value):
    data, bounds = column_parts(pa.array([f"so {value} it is"], pa.large_string()))
    (one,) = find(data, bounds)
    short = masked(one.kind, one.value)
    assert len(set(short) - set("*")) <= 28
    told = short.replace("*", "")
    assert len(told) <= (21 if kind in SECRETS else 8)
    shown = hidden(data, bounds)
    assert len(shown) == len(data)
    text = shown.tobytes().decode()
    assert text.startswith("so ")
    assert text.endswith("it is")
    for size in range(6, len(value)):
        assert value[-size:] not in text
        if kind in PERSONAL:
            assert value[:size] not in text
    assert not find(shown, bounds), "what is masked is nothing to mask"


def test_examples_and_other_texts_stay():
    texts = [*NOTHING, "joe@example.com", "", "ünï"]
    assert hide_all(texts) == texts
    assert hide_all([]) == []


def test_masks_keep_their_places_among_other_letters():
    assert hide_all(["für jo@firm.io ñ ok", "", "ü"]) == ["für j******.io ñ ok", "", "ü"]


def test_nothing_of_the_given_bytes_is_changed():
    data, bounds = column_parts(pa.array(["to jo@firm.io"], pa.large_string()))
    before = data.tobytes()
    hidden(data, bounds)
    assert data.tobytes() == before
    assert hidden(np.zeros(0, np.uint8), np.zeros(1, np.int64)).size == 0
