"""The Model Context Protocol: tools that read the library, for chat programs and agents, over stdio and HTTP.

`catalogue` and `service` are imported at the start, and stay light; `tools`, which need the library, at the first call.
"""
