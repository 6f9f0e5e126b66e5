"""Every bound of the call's media path: packets, delays, rates. The others are in `teleconsole.host.limits`."""

# --- sending ---

SENT_PACKETS = 8192
"""Packets that wait for feedback, at most."""

# --- ladder: bits per second of one direction, sound included ---
LADDER_LEAVE_BPS = (450_000, 220_000, 100_000, 64_000, 16_000, 0)
"""Below this a step is left; in the order of the steps."""
LADDER_ENTER_BPS = (800_000, 350_000, 150_000, 80_000, 26_000, 0)
"""From this on a step is tried again."""
LADDER_LOSS_BAD, LADDER_LOSS_CLEAN = 0.15, 0.08
LADDER_LOSS_NO_VOICE = 0.4
LADDER_CONCEALED_BAD, LADDER_CONCEALED_CLEAN = 0.08, 0.03
LADDER_CONCEALED_STRAIGHT = 0.2
"""Of the voice: from here all of the picture is given up at once."""
LADDER_CONCEALED_NO_VOICE = 0.35
LADDER_ROUND_TRIP_BAD_MS, LADDER_ROUND_TRIP_CLEAN_MS = 1_200.0, 600.0
LADDER_QUEUE_BAD_MS, LADDER_QUEUE_CLEAN_MS = 600.0, 200.0
LADDER_SLOW_HOLD_S, LADDER_VOICE_HOLD_S, LADDER_LINK_HOLD_S, LADDER_CPU_HOLD_S = 1.5, 2.0, 3.0, 5.0
LADDER_CASE_HOLD_S = 6.0
"""How long even the voice must fail before the call becomes a case."""
LADDER_GONE_S = 20.0
"""How long nothing may arrive before the call becomes a case."""
LADDER_BACK_S = 1.2
"""What is silent for less is there."""
LADDER_GRACE_S = 4.0
"""An estimate needs this long to grow after a connection began."""
LADDER_SETTLE_S = 2.0
"""After a step nothing but silence is judged: what the old one sent is still on its way."""
LADDER_UP_HOLD_S, LADDER_UP_HOLD_MAX_S = 6.0, 96.0
LADDER_FLAP_S = 20.0
"""A fall so soon after a rise doubles the wait before the next one."""
LADDER_STILL_EVERY_S = 8.0
LADDER_STILL_BYTES = 8 << 10
LADDER_STILL_WIDTH_PX, LADDER_STILL_HEIGHT_PX = 320, 180
LADDER_STILL_PX = 640 * 480
"""The largest still that is opened."""
