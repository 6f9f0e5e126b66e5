"""Real parts for whole stories: a network, a desktop, sound, a keyring, a browser and a driver of the screen."""
