"""Drawing with Pillow: a pen, coats of fur, heads, bodies, scenery and light."""
