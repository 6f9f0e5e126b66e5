"""Every bound of the call's media path: packets, delays, rates. The others are in `teleconsole.host.limits`."""

# --- sending ---

SENT_PACKETS = 8192
"""Packets that wait for feedback, at most."""
SEND_ESTIMATE_START_BPS = 600_000
RECEIVE_START_BPS = 800_000
"""Told to the other side's browser, which believes 300 kbit/s else: its first picture would wait for that pace."""
START_AGAIN_PART, START_AGAIN_LEAST_BPS, START_AGAIN_MOST_BPS = 0.7, 100_000, 1_500_000
"""Of what the connection before it had: where a new one begins."""
SEND_ESTIMATE_LEAST_BPS = 30_000
SEND_ESTIMATE_MOST_BPS = 3_000_000
SEND_FEEDBACK_LOST_MS = 500.0
"""Without feedback for so long (and a round trip) the rate is cut and no picture is encoded."""
SEND_PACKET_OVERHEAD_BYTES = 44
"""Of a packet on the wire over its RTP: IPv4, UDP, and the tag of SRTP."""
SEND_REPEAT_QUEUE_PACKETS = 300
"""Packets that wait to be sent again, at most."""
SEND_REPEAT_QUEUE_MS = 250.0
"""While so much waits, nothing more is sent again."""
SEND_PICTURE_LEAST_BPS = 15_000
SEND_PICTURE_PAUSE_BPS, SEND_PICTURE_RESUME_BPS = 25_000, 45_000
"""With less than the first no picture is sent, until there is the second."""
SEND_THIN_AUDIO_BPS = 16_000
SEND_THIN_BELOW_BPS, SEND_THIN_UNTIL_BPS = 80_000, 120_000
"""With less than the first the voice is sent thin, until there is the second."""
SEND_WHOLE_AUDIO_BPS = 96_000
"""Heart and lung sounds as they are, one channel."""
SEND_WHOLE_FROM_BPS, SEND_WHOLE_BELOW_BPS = 200_000, 150_000
"""From the first on (estimate) the link affords them; below the second it is a plain voice again."""
STETHOSCOPE_ANSWER_S = 20.0
"""The patient's page answers within this; its browser may ask the patient first."""
STETHOSCOPE_TOLD_S = 15.0
"""So long the screen says why the mode is off again."""
SEND_VOICE_PART = 0.2
"""Of the estimate at most, before the voice repeats earlier sound in each packet."""
SEND_KEY_FRAME_PAUSE_MS = 300.0
SEND_FILLER_BYTES = ((100_000, 40), (300_000, 200))
"""Below the first (estimate) a probe is filled up with padding of the second, so that the voice waits little."""
SEND_PAYLOAD_BYTES, SEND_SMALL_PAYLOAD_BYTES, SEND_SMALL_PAYLOAD_BELOW_BPS = 1150, 500, 200_000
"""Of a packet of a picture; on a narrow link a large one would hold up the voice."""
SEND_PACING_FACTOR = 1.8
"""Pace of the packets over the estimate: a picture may leave faster than the mean."""
SEND_NARROW_BPS, SEND_NARROW_PACING_FACTOR = 300_000, 1.3
"""Pace on a link below the first, where a burst would be a queue."""
SEND_SLOW_PACE_QUEUE_MS, SEND_SLOW_PACING_FACTOR = 60.0, 1.1
"""Pace while packets wait so long on the way."""
SEND_WIDE_BPS, SEND_WIDE_BURST_MS = 4_500_000, 25.0
"""From this pace on a whole picture may leave at once: spread out, a browser takes it for jitter and waits longer."""
SEND_QUEUE_SKIP_MS = 100.0
"""While so much waits no picture is encoded: the newest one wins."""
SEND_BLOCKED_MS = 400.0
"""Where no picture could be sent for so long, what waits is given up, and a key frame follows."""
SEND_QUEUE_FLUSH_MS = 450.0
"""More than this is thrown away, and a key frame follows."""

# --- ladder: bits per second of one direction, sound included ---
LADDER_LEAVE_BPS = (450_000, 220_000, 100_000, 64_000, 16_000, 0)
"""Below this a step is left; in the order of the steps."""
LADDER_ENTER_BPS = (800_000, 350_000, 150_000, 80_000, 26_000, 0)
"""From this on a step is tried again."""
LADDER_LOSS_BAD, LADDER_LOSS_CLEAN = 0.15, 0.08
LADDER_LOSS_NO_VOICE = 0.4
LADDER_CONCEALED_BAD, LADDER_CONCEALED_CLEAN = 0.12, 0.05
LADDER_CONCEALED_STRAIGHT = 0.2
"""Of the voice: from here all of the picture is given up at once."""
LADDER_CONCEALED_NO_VOICE = 0.35
LADDER_ROUND_TRIP_BAD_MS, LADDER_ROUND_TRIP_CLEAN_MS = 1_200.0, 600.0
LADDER_LOSS_SEEN, LADDER_ROUND_TRIP_SEEN_MS = 0.02, 400.0
"""From here on a breaking voice is the link's doing; below, a computer's that does not keep up."""
LADDER_QUEUE_BAD_MS, LADDER_QUEUE_CLEAN_MS = 600.0, 200.0
LADDER_SLOW_HOLD_S, LADDER_VOICE_HOLD_S, LADDER_LINK_HOLD_S, LADDER_CPU_HOLD_S = 1.5, 3.0, 3.0, 6.0
LADDER_SEVERE_PART, LADDER_SEVERE_HOLD_S = 0.25, 1.0
"""An estimate below this part of what the step needs is not waited for: the voice is starved meanwhile."""
LADDER_CASE_HOLD_S = 6.0
"""How long even the voice must fail before the call becomes a case."""
LADDER_GONE_S = 20.0
"""How long nothing may arrive before the call becomes a case."""
LADDER_BACK_S = 1.2
"""What is silent for less is there."""
LADDER_GRACE_S = 4.0
"""An estimate needs this long to grow after a connection began."""
LADDER_NARROW_GRACE_S = 12.0
"""So long after a link became narrow a browser's estimate may be below what was measured to come through."""
LADDER_SETTLE_S = 2.0
"""After a step nothing but silence is judged: what the old one sent is still on its way."""
LADDER_UP_HOLD_S, LADDER_UP_HOLD_MAX_S = 6.0, 96.0
LADDER_UNPROVED = 3
"""So many times longer is the wait for a step that no estimate speaks for."""
LADDER_FLAP_S = 20.0
"""A fall so soon after a rise doubles the wait before the next one."""
LADDER_STATS_OLD_S = 2.0
"""Our own numbers come every second while there is a connection."""
LADDER_REPORT_OLD_S = 4.0
"""What the page told is forgotten after this."""
LADDER_STILL_EVERY_S = 8.0
LADDER_STILL_BYTES = 5 << 10
LADDER_STILL_CHARACTERS = 16_384
"""The same in Base64, with room."""
LADDER_STILL_PART_CHARACTERS, LADDER_STILL_PART_S = 500, 0.5
"""A still leaves in pieces, 10 kbit/s: whole, it would hold up the voice for a second on a link of 60 kbit/s."""
LADDER_STILL_WIDTH_PX, LADDER_STILL_HEIGHT_PX = 320, 180
LADDER_STILL_PX = 640 * 480
"""The largest still that is opened."""

# --- hearing ---

OPUS_FRAME_MAX_SAMPLES = 5_760
"""120 ms, the longest packet of Opus."""
RED_BLOCKS = 8
"""Copies in one packet of audio/red, at most."""
NETEQ_INBOX_PACKETS = 256
"""Packets that wait for the loudspeaker's thread, at most: the oldest go."""
NETEQ_PACKETS = 200
NETEQ_TARGET_MIN_MS = 40
NETEQ_TARGET_MAX_MS = 200
NETEQ_MARGIN_MS = 20
"""Over the lateness that was seen: for the loudspeaker's pace, and for repair by the next packet."""
NETEQ_HISTORY_MS = 2_000.0
"""The fastest packet of this time is what lateness is measured against."""
NETEQ_FORGET_MS = 3_500.0
"""Time constant of the histogram."""
NETEQ_QUANTILE = 0.96
NETEQ_LATE_WEIGHT = 4.0
"""How many packets one counts for that came too late to be heard."""
NETEQ_REPAIR_MS = 10_000.0
"""So long after a repair time is left for the next one."""
NETEQ_RESYNC_MS = 5_000.0
"""A timestamp so far from the others is a new beginning."""
NETEQ_CONCEAL_MS = 120
"""Sound made up by libopus for so long, comfort noise after it."""
NETEQ_EXPECTED_MS = 2_000
"""Noise counts as concealment for so long after the last packet: later nobody sends."""
NETEQ_STRETCH_EVERY_MS = 100
NETEQ_OVER_MS, NETEQ_UNDER_MS = 12.0, 8.0
"""So far over or under its target the delay is mended by stretching."""
NETEQ_FAST_OVER_MS, NETEQ_FAST_UNDER_MS = 60.0, 15.0
"""So far over or under it, at every chance: too little costs what comes late, too much only time."""
CALL_SWITCH_S = 0.001
"""How long a thread of the call process keeps the interpreter when the loudspeaker's thread waits for it."""
NETEQ_DROP_OVER_MS = 200.0
"""So far over it, by dropping what is old."""

NETEQ_HOLD_MS = 120
"""Target while sound must not be bent: time that late packets may take without a stretch."""
NETEQ_HOLD_MOST_OVER_MS = 60.0
"""So far over a target that is at its maximum, sound is shortened all the same."""

# --- seeing ---

VIDEO_PENDING_PACKETS = 1_200
"""Packets of pictures that are not whole, at most."""
VIDEO_GAP_PACKETS = 120
"""A jump of so many packets is an outage: nothing of it is asked for again."""
VIDEO_OUTAGE_MS = 1_000.0
"""Silence of so long before a gap makes it an outage too."""
VIDEO_NACK_LEAST_MS = 20.0
VIDEO_NACK_MARGIN_MS = 5.0
"""Over the round trip, before a packet is asked for again."""
VIDEO_NACK_PARITY_MS, VIDEO_PARITY_SEEN_MS = 8.0, 1_000.0
"""Where a parity came not longer ago than the second, a packet is missed for the first before it is asked for."""
VIDEO_NACK_ROUNDS = 10
VIDEO_NACK_AGE_MS = 1_500.0
VIDEO_NACK_MISSING = 300
"""Packets that are waited for, at most: more than that is given up for a key frame."""
VIDEO_NACK_FLOOD_MS, VIDEO_NACK_FLOOD_LEAST = 300.0, 6
"""More than the second, and than came in the first, is not asked for while that lasts."""
VIDEO_NACK_BATCH = 64
"""Packets named in one NACK."""
VIDEO_REORDER_MOST_MS = 20.0
"""The longest that a missing packet is taken for one that was overtaken."""
VIDEO_ROUND_TRIP_START_MS = 100.0
VIDEO_ROUND_TRIP_MOST_MS = 1_500.0
VIDEO_HOLE_MS = 450.0
VIDEO_HOLE_MOST_MS = 1_200.0
"""A hole of this age (or four round trips, if that is between the two) is given up: a key frame is asked for."""
VIDEO_KEY_FRAME_EVERY_MS = 400.0
VIDEO_DELAY_MOST_MS = 200.0
"""What pictures are held back at most, to hide that some of them come late."""
VIDEO_DELAY_IGNORED_MS = 15.0
"""Lateness that nobody sees: nothing is held back for it."""
VIDEO_DELAY_QUANTILE = 0.9
VIDEO_DELAY_HISTORY_MS = 10_000.0
VIDEO_DELAY_FASTEST_MS = 3_000.0
"""The fastest picture of this time is what lateness is measured against."""
VIDEO_DELAY_SAMPLES = 600
VIDEO_DELAY_SAMPLES_LEAST = 30
VIDEO_DELAY_FREEZE_MS = 160.0
"""A repaired picture may be shown so much later than its time, no more: with a frame interval it is under 200 ms."""
VIDEO_DELAY_RESYNC_MS = 3_000.0
"""A timestamp so far from the others is a new beginning."""
VIDEO_DELAY_RISE, VIDEO_DELAY_FALL = 0.3, 0.03
"""Milliseconds of delay that are added or taken away in a millisecond."""
VIDEO_DECODER_FRAMES = 60
"""Encoded pictures that wait for the decoder, at most: then all are given up until a key frame."""
VIDEO_PICTURE_MOST_PX = 3840 * 2160
FEC_GROUP_PACKETS = 48
"""One parity reaches over so many packets, at most (RFC 5109: its long mask)."""
FEC_LOSS_ON, FEC_LOSS_OFF, FEC_LOSS_FORGET_MS = 0.015, 0.007, 5_000.0
"""Pictures get parities from this loss on, and down to that one; a loss is forgotten so slowly."""
FEC_LEAST_ROUND_TRIP_MS = 30.0
"""On a shorter way a packet that is asked for comes before it is missed."""
FEC_LEAST_ESTIMATE_BPS, FEC_MOST_QUEUE_MS = 400_000, 60.0
"""A thinner link, or one with more that waits, is not loaded with parities."""
FEC_SHARE, FEC_SHARE_PER_LOSS, FEC_SHARE_MOST = 0.25, 2.5, 0.5
"""Parities, as a part of a picture's packets: at no loss, for each loss, and at most."""
FEC_KEPT_PACKETS, FEC_KEPT_PARITIES = 256, 64
"""Packets of pictures (up to twice as many for a while) and parities that are kept to compute what was lost."""
FEC_PACKET_BYTES = 2_048
"""A longer packet is neither repaired nor kept for that."""

# --- finding a way (ICE, TURN) ---
CALL_UDP_PORTS = 20
"""The least that a range of the policy holds: two connections at a time, on each of this computer's addresses."""
CALL_CONNECT_AGAIN_S = 6.0
"""In a call that hears nothing: from an offer to the first packet; a browser may have answered with the old address."""
ICE_GATHER_S = 0.3
"""An offer or an answer waits so long for servers; what they say later follows as a candidate of its own."""
ICE_SERVER_S = 5.0
"""One server, from its name to its answer."""
ICE_STAGGER_S = 0.35
"""The next relay of the list is tried when the one before has said nothing for so long (as RFC 8305 does)."""
ICE_LOOK_AGAIN_S = 2.0
"""While none answers and nothing else is allowed, all are tried again so often."""
ICE_BETTER_S = 0.6
"""A way over TCP waits so long for one over UDP: a lost check is sent again after 0.5 s (RFC 8489 section 6.2.1)."""
ICE_SERVERS = 16
"""URLs of one list that are looked at."""
ICE_STUN_SERVERS = 2
ICE_RENEW_S = 60.0
"""A connection that waits to be offered is made anew: mappings of firewalls forget it."""
ICE_CREDENTIALS_S = 2_400.0
"""Fresh credentials are asked for so long after the last ones; the gateway's are good for an hour."""
ICE_PROXY_HEAD_BYTES = 8 << 10
ICE_LATE_CANDIDATES = 16
ICE_REMOTE_CANDIDATES = 40
"""Candidates of one description that are looked at."""
ICE_NAME_CANDIDATES = 8
"""Candidates with a name (mDNS) of one description that are looked for."""

# --- feedback of arrivals ---

ARRIVAL_EVERY_LEAST_MS, ARRIVAL_EVERY_MOST_MS = 50.0, 200.0
"""Between two messages; where little arrives they are rarer."""
ARRIVAL_SHARE = 0.05
"""Of what arrives, in bits: the messages take no more."""
ARRIVAL_IDLE_MS = 1_000.0
"""Without packets for so long, nothing is sent."""
ARRIVAL_KEPT_MS = 500.0
"""So long a late packet may still be added to what was reported."""
ARRIVAL_TAIL_MISSING = 8
"""Where so many are missing after the last packet of a picture, they are not told of."""
ARRIVAL_KEPT_PACKETS = 4_000
ARRIVAL_MESSAGE_PACKETS = 400
"""Packets in one message, at most: it stays under 1200 bytes."""
ARRIVAL_GAP_PACKETS = 8_000
"""A jump of so many numbers is a new beginning; what is between is not reported as lost."""

# --- a link that has become narrow ---

NARROW_WINDOW_MS, NARROW_BEFORE_MS, NARROW_EVERY_MS = 300.0, 1_500.0, 40.0
"""Arrivals of the first are compared with those of the second before them, so often."""
NARROW_LEAST_ARRIVALS, NARROW_WINDOW_MOST_MS = 5, 700.0
"""Where fewer came in that time, so many count, of the second at most."""
NARROW_LEAST_SPAN_MS, NARROW_LEAST_PACKETS, NARROW_LEAST_GAPS = 150.0, 24, 3
"""Fewer sent packets, or losses at fewer places, say nothing."""
NARROW_LOST_PART, NARROW_RATE_PART = 0.5, 0.5
"""At least so much is lost, and at most so much arrives of what arrived before."""
NARROW_STILL_LOST_PART, NARROW_HOLD_MS = 0.1, 2_000.0
"""While so much is lost, and so long after, the other side is asked to send less."""
NARROW_ASKED_PART = 0.8
"""Of what arrives; the rest is for headers, and for the queue to empty."""
NARROW_ASK_EVERY_MS, NARROW_RELEASES = 100.0, 10
"""Between two requests to send less; so many take them back, for some are lost."""
NARROW_BELIEVED_PART, NARROW_BELIEVED_MS, NARROW_DEAF_MS = 0.6, 2_500.0, 150.0
"""We send so much of it for so long, when nobody has told for the last what arrives of ours: most links are alike both
ways."""
NARROW_TOLD_AGAIN_S = (0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 1.8)
"""A step that a narrow link forces is sent again so long after, until the page has it: on a full link much is lost."""
NARROW_PICTURE_PAUSE_MS = 250.0
"""So long no picture of ours follows: it would be lost in the queue that is still full."""
NARROW_KEY_PAUSE_MS, NARROW_KEY_PAUSE_MOST_MS = 100.0, 1_500.0
"""So long after losses nothing is asked for, neither lost packets nor a key frame: the sender has to shrink first. The
second: since the link became narrow."""

# --- sound devices ---

CALL_NICENESS = -8
"""Of the call's process, where the computer allows it: as browsers take it for what is seen and heard at once."""

SOUND_SERVER_S = 2.0
"""A sound server answers within this, or there is none."""
SOUND_BUFFER_BLOCKS = 4
"""Blocks of 10 ms between us and the loudspeaker, while we are never late with them."""
SOUND_BUFFER_MOST_BLOCKS = 10
"""On a computer that is late."""
SOUND_BUFFER_GROWTH_BLOCKS = 1
"""Each time that a loudspeaker ran dry."""
SOUND_CLOCK_REQUESTS = 200
"""The promptest of so many requests, two seconds of them, tells which sample is played when."""
SOUND_LATE_MOST_S = 0.2
"""A program is not later than that; a server that begins to read ahead in another way looks so."""
SOUND_OPENING_S = 1.5
"""In so long after a loudspeaker was opened its buffer does not grow."""
SOUND_DRY_AGAIN_S = 0.2
"""What is told of it within so long is one time."""
SOUND_BUFFER_CALM_S = 20.0
"""After so long without that, a block less."""
FAR_END_SLACK_SAMPLES = 480
"""Of the loudspeaker's sound, so much may wait for the microphone's at the least all the time."""
FAR_END_LOOK_READS = 100
"""Looked at each so many blocks of 10 ms."""
FAR_END_PAUSE_S = 0.1
"""A microphone that gave nothing for so long begins anew."""
ECHO_FAR_DBFS = -60.0
"""A block of the loudspeaker from which an echo might be heard."""
ECHO_HEARD_DB, ECHO_LOUD_DB = 30.0, 10.0
"""So far below its loudest a block of the loudspeaker is heard at all, and speaks for or against an echo."""
ECHO_LOUDEST_FADES_DB = 0.002
"""A block; 0.2 dB a second."""
ECHO_TAIL_BLOCKS = 40
"""So long after the loudspeaker its echo may still come: device, room and way back."""
ECHO_FLOOR_LEAST_BLOCKS, ECHO_FLOOR_BLOCKS = 100, 2_000
"""The microphone's level in a pause is learnt from so many blocks of 10 ms at least, and at most."""
ECHO_LOUDER_DB = 6.0
"""Above that, the microphone hears something."""
ECHO_NONE_BLOCKS = 90
"""So long the loudspeaker was heard in all, and the microphone heard nothing meanwhile: there is no echo."""
ECHO_DOUBT_BLOCKS = 6
"""A block in which the microphone heard something takes back so many of them: an echo, or a person who answers."""
ECHO_LIKENESS_BLOCKS, ECHO_LAG_BLOCKS = 50, 50
"""So much of the microphone's sound is looked for in the loudspeaker's of so long before."""
ECHO_AGAIN_BLOCKS = 20
"""Blocks in which both are heard, between two looks."""
ECHO_LIKENESS = 0.35
ECHO_SAME_LAG_MS = 4.0
SOUND_WORK_MS = 10.0
"""What echo canceller (4 ms) and Opus' look-ahead (6.5 ms) add to a microphone's sound."""
SOUND_LATENCY_MS = 30.0
"""Taken for a device's latency while nobody tells it."""
SOUND_LATENCY_SMOOTHING = 0.02
"""Of a new measurement, one each 10 or 20 ms."""
SOUND_STUCK_S = 3.0
"""A device that asks for nothing for so long went away."""
MICROPHONE_SETTLE_S = 0.25
"""From the opening of a microphone until it gives sound at its pace."""
MICROPHONE_PATIENCE_S = 0.2
"""Sound that is late by less is waited for; then silence is sent."""
SOUND_FIRST_BLOCK_S = 3.0
"""A new device takes over after its first block, or after this."""
SOUND_SETTLE_S = 0.2
"""Devices come and go in several steps: looked at when it has been quiet for so long."""
SOUND_LOOK_ROUNDS = 3
"""While something is missing it is looked for every so many seconds: not every system tells."""
LEVELS_EVERY_S = 0.25
MUTED_SPEECH_LEAST_S, MUTED_SPEECH_WITHIN_S = 0.4, 1.2
"""So much speech within so long, while muted, is told."""
MUTED_SPEECH_SHOWN_S = 6.0
MUTED_SPEECH_PROBABILITY = 0.85
MUTED_SPEECH_RANGE = 2.0
"""Between the loud and the quiet pieces of speech, at least."""
MUTED_SPEECH_LEVEL = 0.008
"""Root mean square, full scale 1.0: about -42 dB."""
ECHO_TEST_S = 3.0
ECHO_TEST_PAUSE_S = 0.3

# --- report after the call ---
REPORT_PIECES = 120
"""Longer calls are told in longer pieces."""
REPORT_STEPS = 500

# --- lips ---

LIPS_PICTURE_MS = 10.0
"""What a picture needs from its decoder to the eye."""
LIPS_BROWSER_CAPTURE_MS = 50.0
"""A browser's reports say when sound was packed, not when it was spoken: 50 to 60 ms earlier, measured in the rig."""
LIPS_BROWSER_SPEAKER_MS = 15.0
"""A browser leaves its loudspeaker out when it holds pictures for the sound; told as the sound's age."""
LIPS_TOLERATED_MS = 30.0
"""The picture is held back only for what the sound is later than this: nobody sees less (ITU-R BT.1359)."""
LIPS_SMOOTHING = 0.3
"""Of a new measurement, one a second."""
LIPS_BELIEVED_MS = 2_000.0
"""An offset larger than this is a mistake of somebody's clock."""

# --- data channel ---

CHANNEL_WINDOW_BYTES = 256 << 10
"""Beyond what a sender was told that it may send, so much is still taken."""
CHANNEL_HELD_CHUNKS = 1_536
"""Pieces of messages that are not whole yet, and numbers that came out of order."""
CHANNEL_ACKNOWLEDGED_CHUNKS = 16_384
"""What one acknowledgement may speak of; a sender has far less on its way."""
RTP_STREAMS = 16
"""SSRCs of one connection; a page has three. A report on more than 31 does not fit (RFC 3550 section 6.4.2)."""
CHANNEL_STREAMS = 32
"""The call has one channel; a few more are closed as they come."""
