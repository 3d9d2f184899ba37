"""What runs beside the loop: logs and the schedule."""
