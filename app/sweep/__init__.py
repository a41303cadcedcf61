"""Many runs of one design: seeds, folds and settings, in parallel, resumed, compared."""
