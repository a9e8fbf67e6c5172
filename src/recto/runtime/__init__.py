"""What a process holds once: the encoder, the queue that encodes, the engines, the line of who waits."""
