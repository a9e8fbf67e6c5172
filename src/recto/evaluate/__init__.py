"""Evaluation: questions with known places asked of a library, and what the answers are worth."""
