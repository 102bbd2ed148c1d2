"""Encrypts what is stored of tokens, with keys that can be replaced."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from domain.errors import ConfigError


class TokenCipher:
    """``keys`` are 32 bytes in base64 each: the first one encrypts, and all of them decrypt."""

    def __init__(self, *keys: str) -> None:
        """Raises ConfigError for what is no key."""
        try:
            fernets = [Fernet(key) for key in keys]
            self._first, self._all = fernets[0], MultiFernet(fernets)
        except (IndexError, ValueError) as error:
            raise ConfigError(
                "PHI3_TOKEN_KEY is missing or no key: set what `openssl rand -base64 32` prints, "
                "and keep it as safe as the tokens."
            ) from error

    def encrypt(self, text: str) -> str:
        return self._first.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Raises ConfigError if none of the keys encrypted it."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ConfigError(
                "PHI3_TOKEN_KEY does not open the stored tokens: set the key with which they were "
                "stored, behind the new one and a comma."
            ) from error

    def is_current(self, sealed: str) -> bool:
        """Whether the first key encrypted it."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True
