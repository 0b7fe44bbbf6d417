"""What an encoder is: its settings, weights and vocabulary, and the models that come with us."""
