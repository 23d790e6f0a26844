"""Sufficiency: whether there is enough in the evidence to answer at all."""
