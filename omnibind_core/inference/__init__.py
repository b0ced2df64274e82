"""What a robot runs: the bundle, its back ends, and the recognizer over them. No torch."""
