"""Reports as HTML and as pictures: in the panel, in the output of a cell, in files to take along."""
