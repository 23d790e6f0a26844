"""Style: how texts are worded, as figures, and how well other texts agree with them."""

from bot.voice.style.profile import Agreement, Profile, fit

__all__ = ["Agreement", "Profile", "fit"]
