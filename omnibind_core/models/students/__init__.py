"""Student encoders: one small network for each sensor modality, all into one embedding space."""
