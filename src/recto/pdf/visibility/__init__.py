"""What a page shows: which of its text, told by its objects and in doubt by the rendered page, and what is no text."""
