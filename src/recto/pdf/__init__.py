"""Reading PDFs: text with a box for each word, passages, page pictures."""
