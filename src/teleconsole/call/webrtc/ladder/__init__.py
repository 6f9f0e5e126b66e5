"""The ladder of a call: how far it has gone down to keep the voice, and how it comes up again."""
