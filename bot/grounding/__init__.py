"""Grounding: whether what is cited bears what is said, decided by code.

`facts` is what no wording may change, `support` the verdict on a claim, `citing` what becomes of a
draft and its citations.
"""

from bot.grounding.citing import check, check_all, needs_no_source, pinned, read_ahead, support

__all__ = ["check", "check_all", "needs_no_source", "pinned", "read_ahead", "support"]
