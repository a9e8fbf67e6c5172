"""all-MiniLM-L6-v2 in int8 for recto-pdf: `model.onnx` and `tokenizer.json`. Data alone, found without an import."""
