"""Datasets: what leads made of answers, as examples for training a voice.

reviews → approved wordings → without duplicates → splits → files, card, hash
"""
