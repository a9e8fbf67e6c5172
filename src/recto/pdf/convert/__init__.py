"""Making PDFs of other files, in a child process: pictures, Markdown, plain text, HTML and e-mail."""
