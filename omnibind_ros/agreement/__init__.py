"""`omnibind evaluate agreement`: a bag before the live nodes, and the same bag offline."""
