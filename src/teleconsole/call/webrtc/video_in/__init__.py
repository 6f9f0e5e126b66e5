"""The other side's picture: from RTP packets to frames that a decoder can take, each at its time."""
