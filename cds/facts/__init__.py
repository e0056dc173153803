"""A Record and a day -> a Chart: one value per term, chosen or computed, and the state of each finding."""
