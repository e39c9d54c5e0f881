"""Checks identity tokens: what the page that embeds the widget signs to say who its visitor is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from bot.desk.directory_file import is_email, normal_email

AUDIENCE = "frontdesk"
LONGEST_LIFE = timedelta(minutes=10)
# Clocks of two machines differ a little.
LEEWAY = timedelta(seconds=30)
_LONGEST_JTI = 100


class IdentityError(Exception):
    """An identity token was refused. `code` is stable; the message is for whoever signs the tokens."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class TokenClaims:
    """What a good token says."""

    email: str
    jti: str
    expires_at: datetime


def check_token(token: str, secret: str, now: datetime) -> TokenClaims:
    """The token's claims, if it is signed with `secret` (HS256), for us, and good at `now` (real time, aware).

    Whether it was used before is not asked here. Raises IdentityError with one of the codes token_malformed,
    token_signature, token_audience, token_claims, token_expired, token_too_long_lived.
    """
    claims = _signed_claims(token, secret)
    email, jti = claims.get("email"), claims.get("jti")
    if not isinstance(email, str) or not is_email(email.strip()):
        raise IdentityError("token_claims", "the identity token's email is missing or no e-mail address")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI or not jti.isprintable():
        raise IdentityError(
            "token_claims", f"the identity token's jti must be a text of 1 to {_LONGEST_JTI} characters"
        )
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise IdentityError("token_claims", "the identity token has no exp")
    if now >= expires_at + LEEWAY:
        raise IdentityError("token_expired", f"the identity token expired at {expires_at.isoformat()}; sign a new one")
    if expires_at > now + LONGEST_LIFE + LEEWAY:
        raise IdentityError("token_too_long_lived", "the identity token's exp is more than 10 minutes ahead")
    not_before = _moment(claims, "nbf")
    if not_before is not None and now < not_before - LEEWAY:
        raise IdentityError("token_claims", f"the identity token is not valid before {not_before.isoformat()}")
    return TokenClaims(normal_email(email), jti, expires_at)


def _signed_claims(token: str, secret: str) -> Mapping[str, Any]:
    if not token.isascii():
        raise IdentityError("token_malformed", "the identity token is no JSON Web Token (it has other than ASCII text)")
    # Times are checked against our own clock.
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_jti": False}
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], audience=AUDIENCE, options=options)
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as error:
        raise IdentityError(
            "token_signature", "the identity token is not signed with HS256 and FRONTDESK_IDENTITY_SECRET"
        ) from error
    except (jwt.InvalidAudienceError, jwt.MissingRequiredClaimError) as error:
        raise IdentityError("token_audience", f'the identity token\'s aud must be "{AUDIENCE}"') from error
    except jwt.InvalidTokenError as error:
        raise IdentityError("token_malformed", f"the identity token is no JSON Web Token ({error})") from error


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise IdentityError("token_claims", f"the identity token's {name} must be a number of seconds since 1970")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise IdentityError("token_claims", f"the identity token's {name} is no moment in time") from error
