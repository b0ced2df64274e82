"""How well every subset of the sensors recognises, by every way of fusing them."""
