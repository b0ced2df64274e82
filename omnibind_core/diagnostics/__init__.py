"""What a node says about itself: rates, latencies, counts, and whether all is well."""
