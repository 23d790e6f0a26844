"""The chat engine: a model writes what code reads along with and checks."""
