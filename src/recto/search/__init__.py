"""Finding: analyser, encoder, fusion, ranking."""
