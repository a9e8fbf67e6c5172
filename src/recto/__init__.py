"""Ask your own PDFs: every answer points to the exact box on the page."""
