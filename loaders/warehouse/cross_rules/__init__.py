"""Cross-report rules: compiles them to SQL, runs them and synchronizes their issues."""
