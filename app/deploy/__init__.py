"""Hand a saved model over to other programs: exported, measured and described."""
