"""Why two texts are similar, word pair by word pair."""
