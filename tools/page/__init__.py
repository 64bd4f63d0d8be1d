"""What tools/check-page does with a browser."""
