"""Pictures of text: what reads them on this machine, which way up, and what the page says with them."""
