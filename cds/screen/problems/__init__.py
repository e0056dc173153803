"""What is wrong with rule files, in the format that its reader wants: one module for each."""
