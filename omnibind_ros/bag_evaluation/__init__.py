"""`omnibind evaluate bag`: a bag through the conversions, encoders and window of the nodes."""
