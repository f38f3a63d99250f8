"""One HTML page to look through the takes of an output folder and to pick among them."""
