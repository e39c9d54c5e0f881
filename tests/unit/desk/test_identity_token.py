"""Identity tokens: one good one passes, and every way of being wrong has its own stable code."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.identity_token import IdentityError, check_token

SECRET = "a-secret-of-the-tests-that-is-long-enough-for-hs256"
NOW = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


def claims(**changes: Any) -> dict[str, Any]:
    values = {
        "aud": "frontdesk",
        "email": "dana@acme.example",
        "exp": (NOW + timedelta(minutes=5)).timestamp(),
        "jti": "one",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret, algorithm)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def code_of(token: str) -> str:
    with pytest.raises(IdentityError) as caught:
        check_token(token, SECRET, NOW)
    return caught.value.code


def test_a_good_token_says_who_the_visitor_is() -> None:
    checked = check_token(signed(email=" Dana@ACME.example "), SECRET, NOW)
    assert (checked.email, checked.jti) == ("dana@acme.example", "one")
    assert checked.expires_at == NOW + timedelta(minutes=5)


def test_an_audience_may_be_one_of_several() -> None:
    assert check_token(signed(aud=["shop", "frontdesk"]), SECRET, NOW).jti == "one"


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "\ud800.x.y", "é.é.é"])
def test_what_is_no_token_is_malformed(token: str) -> None:
    assert code_of(token) == "token_malformed"


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_text_at_all_is_a_token_by_chance_or_breaks_the_check(text: str) -> None:
    with pytest.raises(IdentityError):
        check_token(text, SECRET, NOW)


def test_a_token_of_somebody_elses_secret_is_refused() -> None:
    assert code_of(signed(secret="another-secret-of-the-tests-that-is-long-enough")) == "token_signature"


def test_a_token_whose_claims_were_changed_is_refused() -> None:
    head, _, signature = signed().split(".")
    assert code_of(f"{head}.{part(claims(email='nick@acme.example'))}.{signature}") == "token_signature"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS256", "hs256"])
def test_no_other_algorithm_is_accepted_whatever_the_header_says(algorithm: str) -> None:
    signature = signed().split(".")[2]
    assert code_of(f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.{signature}") == "token_signature"
    assert code_of(f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.") == "token_signature"


def test_a_really_signed_token_of_another_algorithm_is_refused() -> None:
    long_secret = SECRET * 2
    with pytest.raises(IdentityError) as caught:
        check_token(signed(secret=long_secret, algorithm="HS512"), long_secret, NOW)
    assert caught.value.code == "token_signature"


@pytest.mark.parametrize("audience", [None, "shop", "Frontdesk", ["shop"], []])
def test_a_token_for_somebody_else_is_refused(audience: Any) -> None:
    assert code_of(signed(aud=audience)) == "token_audience"


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None},
        {"email": ""},
        {"email": "dana"},
        {"email": 7},
        {"email": ["dana@acme.example"]},
        {"email": "dana@acme.example\nnick@acme.example"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 101},
        {"jti": "a\x00b"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"nbf": "later"},
        {"nbf": (NOW + timedelta(minutes=2)).timestamp()},
    ],
)
def test_claims_that_are_missing_or_wrong_are_refused(changes: dict[str, Any]) -> None:
    assert code_of(signed(**changes)) == "token_claims"


@pytest.mark.parametrize(
    ("seconds_ahead", "code"),
    [
        (-31, "token_expired"),
        (-30, "token_expired"),
        (-29, None),
        (0, None),
        (600, None),
        (630, None),
        (631, "token_too_long_lived"),
        (86_400, "token_too_long_lived"),
    ],
)
def test_a_token_lives_ten_minutes_at_most_give_or_take_half_a_minute(seconds_ahead: int, code: str | None) -> None:
    token = signed(exp=(NOW + timedelta(seconds=seconds_ahead)).timestamp())
    if code is None:
        assert check_token(token, SECRET, NOW).jti == "one"
    else:
        assert code_of(token) == code


def test_the_message_never_repeats_the_token_or_the_address() -> None:
    token = signed(exp=(NOW - timedelta(hours=1)).timestamp())
    with pytest.raises(IdentityError) as caught:
        check_token(token, SECRET, NOW)
    assert token not in caught.value.message
    assert "dana" not in caught.value.message
