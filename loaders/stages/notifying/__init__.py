"""Who is told what, and the sending of it."""
