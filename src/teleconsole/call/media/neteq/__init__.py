"""From packets that come when they like to sound that never stops: buffer, delay, repair, stretching, noise."""
