"""Loopback servers that stand in for Slack and for an OpenAI-compatible model."""
