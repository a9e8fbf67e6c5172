"""Answering: evidence sentences, quoting, abstaining."""
