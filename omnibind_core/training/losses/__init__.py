"""The terms of cross-modal alignment distillation (OmniBind section 3.2), one file each."""
