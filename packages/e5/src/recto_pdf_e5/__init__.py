"""multilingual-e5-small in int8 for recto-pdf: `model.onnx` and `pieces.txt`. Data alone, found without an import."""
