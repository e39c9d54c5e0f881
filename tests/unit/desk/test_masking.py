"""What could name a person is not shown to those who read examples; what an author looks for is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.masking import masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail dana@acme.example please", "mail [e-mail] please"),
        ("is <dana.w+x@mail.acme.example>, right?", "is <[e-mail]>, right?"),
        ("jürgen@größe.example fragt", "[e-mail] fragt"),
        ("status of case 100008", "status of case [number]"),
        ("#100008 and CASE-100008", "#[number] and CASE-[number]"),
        ("call +49 (0)30 123456-78, please", "call [number], please"),
        ("call (877) 704-3700 or 0171/1234567", "call [number] or [number]"),
        ("06 12 34 56 78, merci", "[number], merci"),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [number]"),
        ("DE89370400440532013000", "[number]"),
        ("VAT DE123456789", "VAT DE[number]"),
        ("see https://x.example/a?token=abc and www.acme.example/x", "see [link] and [link]"),
        ("key sk_live_9a8b7c6d5e4f3a2b1c0d", "key [key]"),
        ("invoice INV-2026-00123", "invoice INV-[number]"),
    ],
)
def test_addresses_links_keys_and_long_numbers_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "error BL03000076 when posting",
        "GW-0011 since this morning",
        "the balance on 2026-03-16 at 10:30",
        "31.12.2026, 31/12/26 and 12-31-2026",
        "off by 12,450.00",
        "1099 and IFRS 16",
        "accounts 1200 and 4400",
        "10 users in 3 offices",
        "Umsatzsteuervoranmeldungsübermittlung",
        "",
    ],
)
def test_codes_dates_and_small_numbers_stay(text: str) -> None:
    assert masked(text) == text


SECRETS = st.one_of(
    st.from_regex(r"[a-z][a-z0-9.+-]{0,9}@[a-z]{1,9}\.example", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{4,18}", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9]{0,2} [0-9]{3} [0-9]{3,8}", fullmatch=True),
    st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9]{1,9}\?q=[a-z0-9]{1,9}", fullmatch=True),
)


@given(st.text(max_size=40), SECRETS, st.sampled_from(["", ",", ".", ")", "?"]), st.text(max_size=40))
def test_whatever_stands_around_it_what_names_somebody_is_gone(before: str, secret: str, mark: str, after: str) -> None:
    assert secret not in masked(f"{before} {secret}{mark} {after}")


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
