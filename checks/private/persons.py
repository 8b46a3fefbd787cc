"""Whether what looks like personal data is some: check digits, assigned ranges, what stands around it."""

from __future__ import annotations

import ipaddress
import re

from checks.private.judged import Judged
from checks.private.lists import CALLING_CODES, DOMAINS, IBAN_LENGTHS

_RESERVED = re.compile(
    rb"(?i)(?:^|\.)(?:[a-z0-9-]*example[a-z0-9-]*\.[a-z]+|example|test|invalid|localhost|local)$"
)
"""Names that nobody can register. Source: RFC 2606, RFC 6761, RFC 6762."""
_STAND_INS = re.compile(
    rb"(?i)^(?:.*\.)?(?:your|my|our|some|the)?-?_?(?:domain|company|companyname|companydomain|website|email|emaildomain|mailserver"
    rb"|organization|business|host|server|provider|abc|xyz|acme|foo|bar|test|sample|fake|dummy)\.(?:com|org|net|co|io|edu|gov|de)$"
)
"""Names that stand for any other in manuals: yourcompany.com, domain.com."""
_ANYBODY = re.compile(
    rb"(?i)^(?:your|my)[._-]?(?:name|e?mail|user(?:name)?|address|account|id)\b|^(?:xxx+|example|username|placeholder)$"
)
_CARD_WORDS = re.compile(
    rb"(?i)\b(?:cards?|visa|master ?card|amex|american express|discover|diners|jcb|union ?pay|credit|debit|pan|cc)\b"
)
_SSN_WORDS = re.compile(rb"(?i)\b(?:ssn|social[ -]security|soc\.? ?sec)\b")
_IP_WORDS = re.compile(
    rb"(?i)\b(?:ip(?:v4)?s?|address(?:es)?|hosts?|servers?|ping|dns|from|client|remote|peer|subnet|gateway|nameserver)\b"
)
_SIGNED = re.compile(rb"[\d)=\]}]\s*$")
CALLS = (b"tel", b"telefon", b"phone", b"phones", b"telephone", b"mobile", b"mobil", b"handy", b"cell", b"cellphone", b"fax", b"whatsapp", b"call", b"hotline", b"dial", b"text", b"sms")  # fmt: skip
"""Words that say that a telephone number follows."""
BETWEEN = (
    b"me",
    b"us",
    b"him",
    b"her",
    b"them",
    b"number",
    b"no",
    b"nr",
    b"is",
    b"at",
    b"on",
    b"now",
    b"today",
    b"directly",
)
"""Words that may stand between."""
SECURITY = (b"ssn", b"security", b"sec", *BETWEEN)
"""Words right before a social security number without hyphens."""
_CALLED = re.compile(
    rb"(?i)(?<![a-z])(?:"
    + b"|".join(CALLS)
    + rb")(?:[ .]{1,2}(?:"
    + b"|".join(BETWEEN)
    + rb"))*\b[\s.:#=(\"'*-]{0,6}$"
)
_TEST_CARDS = frozenset(
    b"""4111111111111111 4242424242424242 4012888888881881 4000056655665556 4222222222222 4917610000000000 4532015112830366
    5555555555554444 2223003122003222 5200828282828210 5105105105105100 5425233430109903 5454545454545454 5019717010103742
    378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 6011981111111113 6011601160116611
    3056930009020004 36227206271667 30569309025904 38520000023237 3566002020360505 3530111333300000 6200000000000005
    4539578763621486 4716108999716531 4556737586899855 4012001037141112 4485275742308327 4916338506082832 4929420573595709""".split()
)
"""Numbers that payment services publish for tests. Source: manuals of Stripe, PayPal, Adyen, Braintree."""
_EXAMPLE_IBANS = frozenset(
    b"""DE89370400440532013000 GB82WEST12345698765432 GB29NWBK60161331926819 FR1420041010050500013M02606 NL91ABNA0417164300
    ES9121000418450200051332 IT60X0542811101000000123456 CH9300762011623852957 AT611904300234573201 BE68539007547034
    PL61109010140000071219812874 SE4550000000058398257466 NO9386011117947 DK5000400440116243 FI2112345600000785
    IE29AIBK93115212345678 PT50000201231234567890154 LU280019400644750000 GR1601101250000000012300695 CZ6508000000192000145399
    SK3112000000198742637541 HU42117730161111101800000000 TR330006100519786457841326 SA0380000000608010167519
    AE070331234567890123456 LI21088100002324013AA EE382200221020145685 LT121000011101001000 LV80BANK0000435195001
    DE75512108001245126199 GB33BUKB20201555555555""".split()
)
"""Examples of the registry itself, by which manuals show the format."""
_EXAMPLE_SSNS = frozenset([b"078051120", b"219099999", b"123456789", b"457555462"])
"""Printed in advertisements and manuals, so they are nobody's. Source: SSA, Social Security Cards Issued by Woolworth."""
_RESOLVERS = frozenset([b"8.8.8.8", b"8.8.4.4", b"1.1.1.1", b"1.0.0.1", b"9.9.9.9", b"208.67.222.222", b"208.67.220.220", b"1.2.3.4", b"4.4.4.4", b"2.2.2.2", b"3.3.3.3", b"5.6.7.8", b"4.2.2.2"])  # fmt: skip
"""Public name servers, and addresses that manuals make up."""
_SERVICE = frozenset([b"800", b"833", b"844", b"855", b"866", b"877", b"888", b"900", b"411", b"911"])
"""North American area codes of toll-free lines and services: companies', not persons'. Source: NANPA."""


def email(value: bytes, before: bytes, after: bytes) -> Judged:
    """An address whose host can exist."""
    name, _, host = value.rpartition(b"@")
    if _RESERVED.search(host):
        return "example"
    labels = host.lower().split(b".")
    if labels[-1] not in DOMAINS or b".." in name or any(not one or one[:1] == b"-" for one in labels):
        return "no"
    if before[-1:] == b"@" or (name == b"git" and after[:1] in (b":", b"/")):  # a handle; a place of code
        return "no"
    return "example" if _STAND_INS.match(host) or _ANYBODY.search(name) else "real"


def phone(value: bytes, before: bytes, after: bytes) -> Judged:
    """A number in international form, or behind a word that says so."""
    digits = _digits(value)
    if after[:1].isalnum() or (after[:1] in (b"%", b"/") and after[1:2].isdigit()):
        return "no"
    if value[:1] == b"+":
        if _SIGNED.search(before) or before[-1:].isalnum() or not 8 <= len(digits) <= 15:
            return "no"
        code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in CALLING_CODES), None)
        if code is None:
            return "no"
        return _american(digits[1:]) if code == b"1" else _elsewhere(digits[len(code) :])
    if before[-1:].isalnum() or not _CALLED.search(before):
        return "no"
    american = digits[1:] if len(digits) == 11 and digits[:1] == b"1" else digits
    if len(american) == 10 and american[:1] not in b"01":
        return _american(american)
    if len(digits) == 7:
        return "example" if digits[:3] == b"555" else "real" if value.count(b"-") == 1 else "no"
    return _elsewhere(digits.removeprefix(b"0")) if digits[:1] == b"0" and 8 <= len(digits) <= 14 else "no"


def _american(digits: bytes) -> Judged:
    """Ten digits of the North American plan: area and exchange begin with 2 to 9. Source: NANPA."""
    if len(digits) != 10:
        return "no"
    if digits[3:6] == b"555" or digits[:3] == b"555" or _made_up(digits):
        return "example"  # 555 is kept for directories and fiction
    if digits[0:1] in b"01" or digits[3:4] in b"01":
        return "no"
    return "no" if digits[:3] in _SERVICE else "real"


_DRAMA = (b"1632960", b"7700900", b"2079460", b"1134960", b"1214960", b"1314960", b"1414960", b"1614960", b"491570", b"255501", b"19900")  # fmt: skip
"""Begins of numbers kept for plays and films. Source: Ofcom (UK), ACMA (Australia), Arcep (France)."""


def _elsewhere(digits: bytes) -> Judged:
    if _made_up(digits) or digits.startswith(_DRAMA):
        return "example"
    return "real" if len(digits) >= 6 else "no"


def _made_up(digits: bytes) -> bool:
    """Whether a number counts up or down, or has hardly any different digits."""
    steps = b"01234567890123456789"
    return len(set(digits)) < 3 or digits in steps or digits in steps[::-1] or b"1234567" in digits


def iban(value: bytes, before: bytes, after: bytes) -> Judged:
    """An account number of the length of its country, whose check digits fit: remainder 1 by 97. Source: ISO 13616."""
    compact = value.replace(b" ", b"")
    length = IBAN_LENGTHS.get(compact[:2], 0)
    if before[-1:].isalnum() or len(compact) != length or after[:1].isalnum():
        return "no"
    number = int("".join(str(int(chr(c), 36)) for c in compact[4:] + compact[:4]))
    if number % 97 != 1 or compact[2:4] in (b"00", b"01", b"99"):
        return "no"
    return "example" if compact in _EXAMPLE_IBANS or len(set(compact[4:])) < 3 else "real"


def card(value: bytes, before: bytes, after: bytes) -> Judged:
    """A number in an issuer's range, of its length, whose check digit fits (Luhn, ISO/IEC 7812-1)."""
    digits = _digits(value)
    touching = before[-1:].isalnum() or after[:1].isalnum() or before[-1:] in (b".", b"_", b"=", b"/")
    if touching or (after[:1] == b"." and after[1:2].isdigit()) or not _issued(digits) or not luhn(digits):
        return "no"
    grouped, told = len(value) > len(digits), _CARD_WORDS.search(before[-60:])
    if not told and (len(digits) not in (15, 16) or (grouped and not _GROUPS.fullmatch(value))):
        return "no"  # a tenth of all long numbers have a check digit that fits by chance
    few = len(set(digits)) < 4 or b"000000" in digits or b"123456789" in digits
    return "example" if few or digits in _TEST_CARDS else "real"


_GROUPS = re.compile(rb"\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5}")
_ISSUERS = (
    (4, 4, (13, 16, 19)),
    (51, 55, (16,)),
    (2221, 2720, (16,)),
    (34, 34, (15,)),
    (37, 37, (15,)),
    (6011, 6011, (16, 19)),
    (644, 659, (16, 19)),
    (3528, 3589, (16, 19)),
    (300, 305, (14, 16)),
    (36, 36, (14,)),
    (38, 39, (14, 16)),
    (62, 62, (16, 17, 18, 19)),
)
"""First digits from, to, and lengths: Visa, Mastercard (two), American Express (two), Discover (two), JCB, Diners Club
(three), UnionPay. Source: ISO/IEC 7812, the issuers' manuals."""


def _issued(digits: bytes) -> bool:
    return any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high
        for low, high, lengths in _ISSUERS
    )


def luhn(digits: bytes) -> bool:
    """Whether the last digit fits: doubled every second from the right, the sum of digits is a multiple of 10."""
    total = 0
    for place, code in enumerate(reversed(digits)):
        number = (code - 48) * (1 + place % 2)
        total += number - 9 * (number > 9)
    return total % 10 == 0


def ssn(value: bytes, before: bytes, after: bytes) -> Judged:
    """A US social security number that can have been given: area not 000, 666 or 9xx, group not 00, serial not 0000.

    Nine digits without hyphens count behind a word that says so. Source: SSA, POMS RM 10201.035.
    """
    digits = _digits(value)
    touching = (
        before[-1:].isalnum() or after[:1].isalnum() or before[-1:] in (b"-", b".") or after[:1] == b"-"
    )
    if touching or (value.count(b"-") != 2 and not _SSN_WORDS.search(before)):
        return "no"
    if digits in _EXAMPLE_SSNS or len(set(digits)) < 3 or digits[:8] == b"98765432":
        return "example"
    given = digits[:3] not in (b"000", b"666") and digits[:1] != b"9"
    return "real" if given and digits[3:5] != b"00" and digits[5:] != b"0000" else "no"


def ip4(value: bytes, before: bytes, after: bytes) -> Judged:
    """A public address, no number of a version or a section."""
    try:
        address = ipaddress.IPv4Address(value.decode())
    except ValueError:
        return "no"
    version = re.search(rb"(?i)(?:[a-z]/|\bv|\bversions?[:= ]*|release[: ]*|[-_a-z.\d])\Z", before)
    if version or after[:1].isalnum() or (after[:1] in b".-_" and after[1:2].isalnum()):
        return "no"
    if not address.is_global or value in _RESOLVERS:
        return "example"
    large = max(address.packed) >= 100 and address.packed[0] > 9
    return "real" if large or _IP_WORDS.search(before) else "no"


def ip6(value: bytes, before: bytes, after: bytes) -> Judged:
    """A public address of version 6."""
    try:
        address = ipaddress.IPv6Address(value.decode())
    except ValueError:
        return "no"
    if before[-1:].isalnum() or before[-1:] in (b":", b".") or after[:1].isalnum() or value.count(b":") < 3:
        return "no"
    return "real" if address.is_global and b"dead:beef" not in value.lower() else "example"


def _digits(value: bytes) -> bytes:
    return re.sub(rb"\D", b"", value)
