"""Learning in torch: cross-modal alignment distillation (stage 1) and adaptive fusion (stage 2)."""
