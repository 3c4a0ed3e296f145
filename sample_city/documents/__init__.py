"""From records to delivered documents: forms, workbooks, CSV, encryption, delivery."""
