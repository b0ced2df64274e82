"""What `omnibind bench live` makes of its measurements; no ROS here."""
