"""Training: a dataset becomes a model that words as the desk does.

dataset → run (a row) → trainer: OpenAI's fine-tuning jobs, or LoRA on this machine → voice
"""
