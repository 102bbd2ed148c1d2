"""The names of the console's cookies."""


def cookie_name(name: str, *, is_https: bool) -> str:
    """Over https it has a prefix, with which no other host of the domain can set the cookie.

    Browsers take such a cookie only over https, from this host, for all paths.
    """
    return f"__Host-{name}" if is_https else name
