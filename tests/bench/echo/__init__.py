"""What the voice processing of the call does to an echo, and to the voice that speaks over it."""
