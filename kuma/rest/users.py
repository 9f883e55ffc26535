"""User tokens: whose they are."""

from __future__ import annotations

from attrs import field, frozen

from certs.secrets import SigningKeys
from certs.tokens import USERS, Refused, UserClaims
from kuma.rest.access import AUTHENTICATED, Unauthenticated, User


@frozen
class UserTokens:
    """Tells users by tokens that one of the user signing keys signed."""

    keys: SigningKeys = field(repr=False)

    async def user(self, token: str) -> User:
        """The user that a token names. Raises Unauthenticated."""
        try:
            claims = await self.keys.verify(USERS, UserClaims, token)
        except Refused as refused:
            raise Unauthenticated(str(refused)) from None
        return User(claims.name, (*claims.groups, AUTHENTICATED))
