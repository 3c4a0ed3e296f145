"""LibreOffice as the reference reader."""
