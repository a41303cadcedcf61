"""A network as a stack of layers that a page can edit: checked, sized, built, written as Python."""
