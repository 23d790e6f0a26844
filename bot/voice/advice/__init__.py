"""Advice: whether a desk should train a voice, from its own data.

rows → evidence → verdict with reasons → report
"""
