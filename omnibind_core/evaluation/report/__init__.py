"""Reports: one HTML file that needs nothing else, its pictures drawn by matplotlib."""
