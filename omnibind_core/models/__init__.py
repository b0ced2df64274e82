"""Networks in torch: student encoders, teachers, adaptive fusion; and their export to ONNX."""
