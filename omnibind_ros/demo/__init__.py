"""`omnibind demo`: live nodes, a bag, and somebody who looks on."""
