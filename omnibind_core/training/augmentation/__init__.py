"""Changes of prepared arrays that leave the thing what it is; students see none twice alike."""
