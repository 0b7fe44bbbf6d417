"""What an encoder is: settings, weights and vocabulary; and the embedded models."""
