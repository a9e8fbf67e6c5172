"""What several files of tests share: documents, servers that play, processes, a library in memory."""
