"""What a bag is worth: replayed through the window offline, and scored against the truth."""
