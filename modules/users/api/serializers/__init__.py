"""What users' API takes and answers, one file per subject."""
