"""Other programs hear of what happens: who listens, what they are told, in which order, and when they are given up."""
