"""What a deployment needs over years: rotation of the key of personal numbers, and retention."""
