# SPDX-License-Identifier: Apache-2.0
"""Whether a text is a regular expression of Java, as far as that can be told without Java.  Pure."""

from __future__ import annotations

import re
import warnings

# What Java may read in another way than Python: quoted text, and brackets and && in a class.
OTHERWISE = re.compile(r"\\Q|&&|\[[^\]]*\[")
# What Java may take where Python does not: its own escapes, groups with a ?, and quantifiers after nothing or one another.
JAVA_ONLY = re.compile(r"\\[A-Za-z]|\(\?|[*+?}]\+|[\^$][*+?]|(^|[*+?}|(^$])\{")
# How Python begins to say that a regular expression has no end, which holds for Java too.
OPEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "bad escape (end of pattern)")


def java_mistake(pattern: str) -> str:
    """Return why Java refuses a regular expression, '' where it does not or where that cannot be told without Java.

    Python's own check decides where both languages mean the same. Taken without a check is what only Java knows: its escapes
    such as ``\\p{..}`` and ``\\Q..\\E``, ``&&`` and brackets in a class, what stands in groups with a ``?``, and ``a{1}{2}``.
    """
    if OTHERWISE.search(pattern):
        return ""
    for found in re.finditer(r"\\[pPx]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|(\{)(?P<rest>[^}]*\}?)", pattern):
        if found.group(1) and not re.fullmatch(r"\d+(,\d*)?\}", found["rest"]):
            return f"'{{' without a number and '}}' after it, at {pattern[found.start() :]!r}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError) as error:
        return "" if JAVA_ONLY.search(pattern) and not str(error).startswith(OPEN) else str(error)
    return ""
