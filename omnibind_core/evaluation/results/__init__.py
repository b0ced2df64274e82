"""Tables of results, completed from the small files that finished runs leave in the repository."""
