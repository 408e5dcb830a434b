"""One module for each page that is written from the code."""
