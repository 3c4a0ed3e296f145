"""Row-rule kinds, one module each; `registry` finds every module of this package, so that no list has to be kept."""
