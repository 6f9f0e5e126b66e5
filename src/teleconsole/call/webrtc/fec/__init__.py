"""Forward error correction of pictures: a packet that was lost is computed out of others, without a round trip."""
