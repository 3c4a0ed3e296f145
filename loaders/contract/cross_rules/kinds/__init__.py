"""Kinds of cross-report rules, one module each; `registry` finds every module of this package."""
