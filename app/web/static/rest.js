// @ts-check
// What the next stroke would make worthless is not begun before the input rests: means over views,
// curves, maps from the server, the address.

export const REST = 200; // milliseconds without newer input, more than between two answers to a drag
