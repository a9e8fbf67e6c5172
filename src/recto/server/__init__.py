"""The page and the API under it: events of the library turned into JSON, server-sent events and pictures."""
