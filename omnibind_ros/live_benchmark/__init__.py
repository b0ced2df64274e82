"""`omnibind bench live`: real processes over DDS, measured from outside."""
