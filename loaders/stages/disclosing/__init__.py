"""What may be shown of sensitive measures, decided after each build."""
