"""Personal data and secrets that are nobody's: made up, but of the published form, so that detectors take them for real.

They are put together here, so that no scanner of repositories finds one in the sources.
"""

from __future__ import annotations

import base64
import string

from tests import helpers

ALNUM = string.ascii_letters + string.digits


def drawn(size: int, letters: str = ALNUM, *, seed: int = 5) -> str:
    """Random characters, the same ones every time."""
    return "".join(helpers.seeded(seed).choices(letters, k=size))


def _jwt() -> str:
    head, body = (
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in ('{"alg":"HS256","typ":"JWT"}', '{"sub":"u-77","exp":1790000000}')
    )
    return f"{head}.{body}.{drawn(43)}"


def _block(name: str) -> str:
    lines = "\n".join(drawn(64, ALNUM + "+/", seed=seed) for seed in range(12))
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----"


SECRETS = {
    "private key": [_block("RSA PRIVATE KEY"), _block("PRIVATE KEY"), _block("OPENSSH PRIVATE KEY"), _block("PGP PRIVATE KEY BLOCK")],
    "password in a URL": ["postgres://bob:" + drawn(9) + "@db.acme.io:5432/x", "https://ann:" + drawn(12) + "@acme.io/a"],
    "Anthropic API key": ["sk-ant-" + "api03-" + drawn(93, ALNUM + "-_") + "AA", "sk-ant-" + "admin01-" + drawn(93) + "AA"],
    "OpenAI API key": ["sk-" + drawn(48), "sk-" + "proj-" + drawn(120, ALNUM + "-_"), "sk-" + "svcacct-" + drawn(60)],
    "AWS access key": ["AKIA" + drawn(16, string.ascii_uppercase + "234567"), "ASIA" + drawn(16, string.ascii_uppercase + "234567")],
    "AWS secret key": ["aws_secret_access_key = " + drawn(40), 'AWS_SECRET_ACCESS_KEY="' + drawn(40, ALNUM + "/+")],
    "GitHub token": [*(f"gh{kind}_" + drawn(36) for kind in "pousr"), "github_" + "pat_" + drawn(22) + "_" + drawn(59)],
    "GitLab token": ["glpat" + "-" + drawn(20)],
    "Slack token": ["xoxb" + "-2345678901-2345678901234-" + drawn(24), "xoxp" + "-" + drawn(60, string.digits + "-abcdef")],
    "Stripe key": ["sk_" + "live_" + drawn(24), "rk_" + "live_" + drawn(99)],
    "Google API key": ["AIza" + drawn(35, ALNUM + "-_")],
    "Google OAuth secret": ["GOCSPX" + "-" + drawn(28)],
    "Hugging Face token": ["hf" + "_" + drawn(34, string.ascii_letters)],
    "npm token": ["npm" + "_" + drawn(36)],
    "PyPI token": ["pypi-" + "AgEIcHlwaS5vcmc" + drawn(150)],
    "SendGrid key": ["SG." + drawn(22) + "." + drawn(43)],
    "DigitalOcean token": ["dop_v1_" + drawn(64, "0123456789abcdef")],
    "Shopify token": ["shpat_" + drawn(32, "0123456789abcdef")],
    "JSON web token": [_jwt()],
}  # fmt: skip
"""By kind. Each stands for itself in any text."""

PERSONAL = {
    "e-mail address": ["joe.doe@acme-corp.io", "ann+x@mail.firm.co.uk", "UPPER_CASE@GMAIL.COM", "o'neill@uni-bonn.de"],
    "bank account": ["DE44500105175407324931", "DE44 5001 0517 5407 3249 31", "GB94 BARC 1020 1530 0934 59", "GB94BARC10201530093459",
                     "NO8330001234567", "BE71 0961 2345 6769", "FR76 3000 6000 0112 3456 7890 189"],
    "payment card": ["4539148803436467", "4539 1488 0343 6467", "5425-2334-3010-9911", "374245455400126", "3742 454554 00126"],
    "US social security number": ["536-90-4399", "219-09-4001"],
    "IP address": ["93.184.216.34", "203.98.7.65", "2a00:1450:4001:81b::200e", "2001:4860:4860:0:0:0:0:8888"],
    "phone number": ["+49 30 98765432", "+1 (415) 736-5001", "+442079461234", "+33 6 12 98 56 71", "+91-98234-56780"],
}  # fmt: skip
"""The same."""

EXAMPLES = {
    "e-mail address": ["joe@example.com", "a@mail.example.org", "x@shop.example", "you@yourcompany.com", "b@host.invalid"],
    "payment card": ["4111 1111 1111 1111", "4242424242424242", "5555555555554444", "378282246310005"],
    "US social security number": ["123-45-6789", "078-05-1120"],
    "IP address": ["192.168.0.1", "10.1.2.3", "127.0.0.1", "203.0.113.7", "198.51.100.2", "8.8.8.8", "2001:db8::1"],
    "phone number": ["+1 (415) 555-0132", "+1-202-555-0101", "+44 20 7946 0958", "+44 7700 900123"],
    "bank account": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
    "AWS access key": ["AKIA" + "IOSFODNN7EXAMPLE"],
    "AWS secret key": ["aws_secret_access_key=" + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    "OpenAI API key": ["sk-" + "x" * 40 + "1", "sk-" + "1234567890abcdefghijklmnopqrstuvwxyz1234"],
    "GitHub token": ["ghp_" + "x" * 36],
    "password in a URL": ["postgres://user:password@localhost", "https://user:<password>@host.io", "ftp://me:secret@h.io"],
}  # fmt: skip
"""Of documentation: nobody's."""

NOTHING = [
    "A plain sentence, 42 of them, at 10:30 on 2024-01-15; 1,234,567.89 dollars.",
    "pip install left-pad@1.3.0 and logo@2x.png, x@W.shape, @decorator, user@host, a @ b",
    "https://medium.com/@someone/a-very-long-slug-with-many-words-1234567890abcdef",
    "git@github.com:owner/name.git and @user@mastodon.social",
    "Version 1.2.3.4, v93.184.216.34, Chrome/120.99.100.200, section 3.1.2.1, 300.200.100.1",
    "years 1990 1991 1992 1993; 3.14159265358979; 1234567890123456; 0.4539148803436467",
    "f(x) = 5 +12345678 - 9; 20 - 15 + 30 - 12 = 23; UTC +0100; 12 +4930987654",
    "4539148803436468 is no card; 9999-99-9999 nor 000-12-3456, 666-12-3456, 912-34-5678, 12-345-6789",
    "DE44500105175407324932 has wrong check digits, XX44500105175407324931 no country",
    "sk-learn-is-not-a-key-but-a-library-of-python, sk_test_" + drawn(24) + ", pk_live_" + drawn(24),
    "eyJust-kidding.eyJust-kidding.abcdefghijklmnopqrstuvwxyz, ghp_short, AKIA1234, hf_hub_download_of_a_file",
    "-----BEGIN CERTIFICATE-----\n" + drawn(64) + "\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\n" + drawn(64) + "\n-----END PUBLIC KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY----- is how a key begins and this is what one says about it, without any key behind it.",
    "call 1-800-273-8255; order 4157365001; ring me at 5 or 6; part 415-736-5001",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-0123456789 " + "-" * 80 + "_" * 80 + "=" * 80,
    "sha256 " + drawn(64, "0123456789abcdef") + " uuid 123e4567-e89b-42d3-a456-426614174000",
    "12:34:56:78, 2001: A Space Odyssey, 2024:01:02, 3f2a::nonsense",
]
"""Texts without any, which look a little like it."""
