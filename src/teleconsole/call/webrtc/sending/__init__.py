"""What leaves this computer: congestion control, pacing, retransmission, and how picture and voice are encoded."""
