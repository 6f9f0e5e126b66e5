"""Every bound of the program in one place: sizes, rates, counts, time-outs. Each part has its own section."""

# --- ipc: messages between the processes -----------------------------------------------------------------
IPC_FRAME_BYTES = 1 << 20
"""The largest message; anything bigger is paged or travels through shared memory."""
IPC_READ_BYTES = 1 << 16
IPC_INTAKE_FRAMES = 4096
"""Messages read and not yet handled; beyond it nothing more is read, and the other side has to wait."""
IPC_INTAKE_BYTES = 8 << 20
IPC_SLICE_FRAMES = 256
"""Messages handled in one turn of the event loop, so that a flood never freezes a window."""
IPC_DRAIN_HIGH_BYTES = 1 << 20
"""Unsent bytes from which a sender waits."""
IPC_DRAIN_LOW_BYTES = 256 << 10
IPC_UNSENT_BYTES = 4 << 20
"""Unsent bytes from which a sender that cannot wait is refused."""
IPC_RUNNING_ASKS = 256
"""Requests of the other side that may run at the same time; more of them are refused."""
IPC_OPEN_ASKS = 128
"""Requests that one side sends before it waits for answers, so that an honest one is never refused."""
IPC_EARLY_NEWS = 4096
"""Events kept for a side that has not registered its first handler yet; then the oldest go."""
IPC_ASK_S = 10.0
IPC_HEARTBEAT_S = 1.0
IPC_HEARTBEAT_DEADLINE_S = 2.0
IPC_STALL_S = 0.5
"""A deadline noticed this late says that we stood still, not the other side."""
IPC_START_S = 20.0
"""From the start of a child to its first answer, on a slow and busy computer."""
IPC_CLOSE_S = 1.0
"""From the end of the connection to the kill of a child that has not ended by itself."""
IPC_EXIT_S = 0.2
"""Between the end of the connection and the end of the process, whichever comes first, before we make both true."""
IPC_RESTART_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Pauses before the restarts of a child that keeps dying."""
IPC_STEADY_S = 10.0
"""A child that lived this long starts again without a pause."""

# --- ipc: frames in shared memory ------------------------------------------------------------------------
SLOT_WIDTH_PX = 7680
SLOT_HEIGHT_PX = 4320
SLOT_BYTES = 256 << 20
SLOT_TAKE_TRIES = 8

# --- demo: the made-up clinic ------------------------------------------------------------------------------
DEMO_FHIR_START_S = 60.0
"""From the start of the embedded FHIR server to its first answer; a busy computer needs seconds to import it."""
DEMO_FHIR_STOP_S = 4.0
"""From the request to end to the kill of an embedded FHIR server that has not ended by itself."""
DEMO_FHIR_BIND_S = 10.0
"""How long a new server waits for the port that the one before it may still hold."""
DEMO_FHIR_LOG_BYTES = 1 << 20
DEMO_BUNDLE_ENTRIES = 200
DEMO_BUNDLE_BYTES = 4 << 20
"""The largest transaction that the seed sends; a single file may make one of its own that is bigger."""
DEMO_REQUEST_S = 120.0
DEMO_CASES = 20_000
"""The most cases that the seed makes in one run."""

# --- this computer ------------------------------------------------------------------------------------------------
POLICY_MAX_BYTES = 256 * 1024
SETTINGS_MAX_BYTES = 64 * 1024
LOG_FILE_BYTES = 2 * 1024 * 1024
LOG_FILES = 5
LOG_REPEATS, LOG_REPEATS_S = 20, 60.0
"""The same line of code is written so often in so long."""

# --- gateway: links, sessions, sign-in -------------------------------------------------------------------
GATEWAY_JSON_BYTES = 256 << 10
"""The largest JSON body of any request."""
GATEWAY_VISIT_LINK_S = 7 * 86_400
"""How long a visit's link works from its making; for an appointment, from the appointment's end."""
GATEWAY_SUBMISSION_LINK_S = 30 * 86_400
"""How long a submission's link works: it shows replies and takes answers until then."""
GATEWAY_BIRTH_DATE_TRIES = 5
GATEWAY_BIRTH_DATE_WINDOW_S = 900
"""So many wrong dates of birth on one link within the window, then it has to be waited for."""
GATEWAY_SIGN_IN_CODE_S = 86_400
GATEWAY_SIGN_IN_TRIES_PER_MIN = 10
"""Wrong sign-in codes a minute, over all callers; a code has 60 random bits."""
GATEWAY_REFRESH_TOKEN_S = 30 * 86_400
GATEWAY_ACCESS_TOKEN_S = 600
GATEWAY_ACCESS_TOKENS = 4096
GATEWAY_TURN_S = 3600

# --- gateway: signalling ---------------------------------------------------------------------------------
GATEWAY_FRAME_BYTES = 160 << 10
"""A signalling frame above it is refused with `too-large`; an SDP of 64 KiB with its JSON escapes fits."""
GATEWAY_FRAME_HARD_BYTES = 1 << 20
"""A frame above it ends the connection; the client comes back."""
GATEWAY_FRAMES_PER_S = 50.0
GATEWAY_FRAMES_BURST = 200
GATEWAY_REFUSED_FRAMES = 2_000
"""A connection that had so many frames refused for their rate is closed."""
GATEWAY_HELLO_S = 10.0
GATEWAY_HEARTBEAT_S = 15.0
GATEWAY_CLOSE_S = 2.0
"""How long a closing connection waits for the other side to close too."""
GATEWAY_OUTBOX_FRAMES = 512
"""Frames waiting for a slow client; beyond it the connection is closed and the client comes back."""
GATEWAY_SOCKETS = 1024
GATEWAY_WAITING_MESSAGES = 20
"""Lines to one waiting patient that their page has not acknowledged; the oldest go first."""
GATEWAY_LEFT_S = 600.0
"""A patient not admitted, whose page vanished for so long, has left."""
GATEWAY_WAITING_ROOM = 256

# --- gateway: submissions and the FHIR server ------------------------------------------------------------
GATEWAY_UPLOAD_BYTES = 25 << 20
GATEWAY_SUBMISSION_BYTES = 200 << 20
GATEWAY_UPLOADS = 24
"""Files of one submission."""
GATEWAY_UPLOAD_CHUNK_BYTES = 256 << 10
GATEWAY_MEASUREMENTS = 200
GATEWAY_MESSAGE_CHARS = 4_000
GATEWAY_ANSWER_CHARS = 8_000
GATEWAY_ANSWERS = 500
GATEWAY_SPOOL_S = 86_400
"""A draft that nobody touched for so long is deleted."""
GATEWAY_PENDING_S = 7 * 86_400
"""What a patient has sent and the FHIR server could not take yet is kept so long."""
GATEWAY_SWEEP_S = 600.0
GATEWAY_RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Pauses between attempts to hand a waiting submission to the FHIR server."""
GATEWAY_FHIR_CONNECT_S = 5.0
GATEWAY_FHIR_READ_S = 30.0
GATEWAY_FHIR_ANSWER_BYTES = 32 << 20
GATEWAY_FHIR_PAGE = 500
GATEWAY_THREAD_MESSAGES = 2_000
GATEWAY_AFTER_VISIT_S = 86_400
"""What a patient could not send in a visit is taken so long after its end."""
GATEWAY_LATE_MESSAGES = 200
"""Messages that are taken after the end of one visit; of them `GATEWAY_UPLOADS` with a file."""
GATEWAY_CASE_WAIT_S = 3_600
"""The console makes a visit's case; after so long without one the gateway makes it for what the patient sent."""
GATEWAY_CASE_DUE_S = 3 * 86_400
"""A new case is due so long after it was sent, until a clinician sets another time."""

# --- render: one untrusted file at a time -----------------------------------------------------------------
RENDER_FILE_BYTES = 256 << 20
"""The largest file that is opened; it lies in the memory of the process that opens it."""
RENDER_SLICE_BYTES = 512 << 10
RENDER_IMAGE_PIXELS = 64_000_000
RENDER_IMAGE_SIDE_PX = 20_000
RENDER_VIDEO_PIXELS = 4096 * 2304
RENDER_PDF_PAGES = 500
RENDER_PDF_TEXT_CHARS = 200_000
RENDER_THUMBNAIL_SIDE_PX = 480
RENDER_DURATION_S = 3 * 3600
RENDER_SOUND_AHEAD_MS = 300
"""Sound is handed on this long before it is due; a picture when it is due."""
RENDER_MEMORY_BYTES = 3 << 30
RENDER_CPU_S = 3600
"""Processor time of one life of the process; it is started again after it."""

# --- call: media ------------------------------------------------------------------------------------------
CALL_WIDTH_PX = 1280
CALL_HEIGHT_PX = 720
CALL_FRAMES_PER_S = 30
CALL_SELF_WIDTH_PX = 640
CALL_SELF_HEIGHT_PX = 360
CALL_AUDIO_HZ = 48_000
CALL_BLOCK_SAMPLES = 480
"""Ten milliseconds: what the echo canceller takes at once."""
CALL_MICROPHONE_RING_SAMPLES = 14_400
"""Captured and not yet sent; beyond it the oldest go."""
CALL_FAR_RING_SAMPLES = 9_600
CALL_PCM_BYTES = 256 << 10
CALL_PCM_QUEUE_SAMPLES = 4 * CALL_AUDIO_HZ
"""Samples of a recording that wait to be played; a sender of more has to wait."""
CALL_SPEAKER_IDLE_S = 2.0
"""The loudspeaker is given back so long after the last sound of a recording outside of a call."""
CALL_DEVICE_OPEN_S = 5.0
CALL_DEVICE_READ_S = 3.0
CALL_DEVICES = 64
CALL_FILE_AUDIO_S = 600
"""The most that is taken of a sound file that plays the microphone."""
CALL_FILE_VIDEO_PX = 3840 * 2160

# --- call: connection --------------------------------------------------------------------------------------
CALL_VIDEO_MAX_BPS = 2_500_000
CALL_RECEIVE_MAX_BPS = 3_000_000
"""What the other side is told at once that it may send."""
CALL_AUDIO_BPS = 40_000
CALL_RTP_HISTORY_PACKETS = 2048
CALL_CONNECT_S = 12.0
"""From an offer to the first packet; then another connection is tried."""
CALL_EARLY_CONNECTIONS = 2
"""With so many of those who wait longest a connection is made before they are admitted."""
CALL_EARLY_ENDING = 4
"""While so many of them end, none is begun: a waiting room that changes all the time costs no more."""
CALL_EARLY_LOOK_S = 2.0
"""How often such a connection is asked whether it still works."""
CALL_EARLY_ANSWER_S = 1.0
"""The answer may take so long before it counts as none: a round trip, and SCTP acknowledges 0.2 s late."""
CALL_EARLY_TRIES = 3
"""So often one is made anew; then the admission makes it."""
CALL_LIVENESS_S = 0.25
CALL_CHANNEL_PING_S = 0.5
CALL_SILENT_S = 1.1
"""Nothing arrived for so long: the screen says "reconnecting"."""
CALL_LOST_S = 2.5
"""Nothing arrived for so long: a new connection is made."""
CALL_STATS_S = 1.0
CALL_CLOSE_S = 2.0
CALL_ARENAS = 2
"""Places from which all threads of the call process take memory (glibc)."""
CALL_LEFTOVERS_S = 1.0
"""After a visit: the hang-up is answered first, then memory is given back."""
CALL_ADMIT_S = 10.0

# --- call: chat and photos ---------------------------------------------------------------------------------
CALL_CHANNEL_MESSAGE_BYTES = 64 << 10
CALL_CHANNEL_INBOX = 1_500
"""Messages of the data channel that wait to be handled; a photo has up to 1,026. Beyond it the channel is closed."""
CALL_CHAT_CHARS = 2_000
CALL_CHAT_LINES = 2_000
"""Lines of one visit, either side."""
CALL_PHOTO_BYTES = 16 << 20
CALL_PHOTOS = 50

# --- call: signalling --------------------------------------------------------------------------------------
CALL_SIGNAL_CONNECT_S = 10.0
CALL_SIGNAL_SOCKET_S = 3.0
CALL_SIGNAL_CHECK_S = 1.2
CALL_SIGNAL_CLOSE_S = 0.3
CALL_SIGNAL_HELLO_S = 10.0
CALL_SIGNAL_PING_S = 10.0
CALL_SIGNAL_SILENCE_S = 25.0
CALL_SIGNAL_RETRY_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
CALL_SIGNAL_JITTER = 0.2
CALL_SIGNAL_FRAME_BYTES = 256 << 10
CALL_SIGNAL_OUTBOX = 256
CALL_CA_BYTES = 1 << 20

# --- console ---------------------------------------------------------------------------------------------
EVIDENCE_SLICE_BYTES = 512 << 10
"""So much of a file is read from the vault and handed to render at a time."""
THUMBNAIL_PX = 320
"""Longest side of a thumbnail, for a place of 158 x 108 on a screen of scale 2."""
THUMBNAILS = 200
"""Thumbnails kept in memory; a lock drops them all."""
RENDER_OPEN_S = 30.0
"""A large file is opened or drawn within so long, on a slow and busy computer."""
VIEWER_PCM_BYTES = 512 << 10
"""Sound of a recording that waits for the call process to take it; beyond it the oldest goes."""

# --- vault: keys -------------------------------------------------------------------------------------------
VAULT_HEADER_BYTES = 64 << 10
VAULT_KEYRING_S = 10.0
"""A keyring may ask the person; beyond it the passphrase is offered."""
VAULT_ARGON2_MEMORY_KIB = 64 << 10
VAULT_ARGON2_ITERATIONS = 3
VAULT_ARGON2_LANES = 4
VAULT_ARGON2_MEMORY_MAX_KIB = 1 << 20
"""A header that asks for more was tampered with."""
VAULT_ARGON2_ITERATIONS_MAX = 64
VAULT_ARGON2_LANES_MAX = 16
VAULT_PASSPHRASE_CHARS = 1024
VAULT_PASSPHRASE_MIN_CHARS = 8
VAULT_FREE_TRIES = 5
VAULT_BACK_OFF_S = (1, 2, 4, 8, 16, 32, 64, 128, 256, 300)
"""Pauses after the sixth and later wrong passphrases."""

# --- vault: store ------------------------------------------------------------------------------------------
VAULT_READERS = 2
VAULT_WRITER_CACHE_KIB = 64 << 10
VAULT_READER_CACHE_KIB = 16 << 10
VAULT_BUSY_MS = 5_000
VAULT_WAL_BYTES = 64 << 20
VAULT_PAGE_CASES = 500
VAULT_TIMELINE_ENTRIES = 2_000
VAULT_TIMELINE_BYTES = 700 << 10
"""A case is one message; the oldest entries go beyond it."""
VAULT_ENTRY_BYTES = 128 << 10
"""One entry of a timeline; a longer one is shown shortened and says so."""
VAULT_LISTED_CHARS = 500
"""Of the text of each unsent change in the list of them."""
VAULT_TEXT_CHARS = 20_000
"""A reply, a note, a draft, a decision."""
VAULT_SEARCH_WORDS = 8
VAULT_QUARANTINE_BYTES = 64 << 10
VAULT_QUARANTINE_ROWS = 1_000
VAULT_RESOURCE_BYTES = 32 << 20
VAULT_CLAIM_S = 4 * 3600
VAULT_CHECKPOINT_EVENTS = 50
"""Audit events between two signed checkpoints."""
VAULT_SAVED_CHANGES = 500

# --- vault: files ------------------------------------------------------------------------------------------
VAULT_CHUNK_BYTES = 64 << 10
VAULT_INLINE_BYTES = 64 << 10
"""Files up to this size lie inside the database."""
VAULT_FILE_BYTES = 512 << 20
VAULT_SLICE_BYTES = 512 << 10
VAULT_SPOOL_ITEM_BYTES = 64 << 20
VAULT_SPOOL_ITEMS = 10_000

# --- vault: gateway ----------------------------------------------------------------------------------------
VAULT_GATEWAY_S = 15.0
VAULT_GATEWAY_BYTES = 256 << 10
VAULT_TOKEN_SPARE_S = 60.0
"""A token is renewed so long before it ends."""
PASSPHRASE_MIN_CHARS = 8
PASSPHRASE_MAX_CHARS = 256
UNLOCK_S = 60.0
VISIT_CHAT_LINES_SHOWN = 2_000
WAITING_LONG_S = 300
"""Deriving the key from a passphrase is slow on purpose, and a store may have to be upgraded."""
VISIT_SLOT_BYTES = 1920 * 1080 * 4
"""One picture of a visit."""
PICTURE_SLOT_BYTES = 4096 * 4096 * 4
"""One picture that render draws; larger ones are drawn smaller."""
CHANGES_SHOWN = 200
"""Rows under To send; more are counted in words."""
PREPARE_LOCK_S = 3.0
"""The screen is covered at once; the vault gets so long to finish before it is ended."""
GATEWAY_JOIN_RETRY_S = 5.0
"""Pause before the console asks again for what the call process joins the gateway with."""

# --- vault: FHIR client ------------------------------------------------------------------------------------
FHIR_CONNECT_S = 10.0
FHIR_SLOW_S = 5.0
"""An answer that has not begun after so long: the screen says that the server does not answer; it is waited for on."""
FHIR_STALL_S = 30.0
"""No byte for so long: the connection is given up."""
FHIR_ANSWER_S = 180.0
"""A whole answer, however slowly it drips; files have no such bound."""
FHIR_ANSWER_BYTES = 32 << 20
FHIR_GZIP_RATIO = 100
"""An answer that grows by more when it is unpacked is refused."""
FHIR_GZIP_FREE_BYTES = 1 << 20
"""Below this size the ratio does not matter."""
FHIR_PAGE = 500
FHIR_URL_CHARS = 4_000
FHIR_BATCH_READS = 50
FHIR_PATIENTS_A_SEARCH = 80
FHIR_CONNECTIONS = 6
FHIR_REASONS = 20
FHIR_REASONS_CHARS = 2_000
FHIR_RETRY_AFTER_S = 3600.0
"""The longest pause that a server may ask for."""
FHIR_CLOCK_SAMPLES = 5
FHIR_DOWNLOAD_BYTES = 256 << 10
"""A file is handed on in pieces of about this size."""

# --- vault: sync -------------------------------------------------------------------------------------------
SYNC_OVERLAP_MS = 120_000
"""Rows may become visible so long after the time that stands in them."""
SYNC_QUIET_MS = 180_000
"""A finished walk moves the start of the next one up to this much behind the server's time."""
SYNC_DAY_MS = 86_400_000
SYNC_FUTURE_MS = 300_000
"""A lastUpdated later than this after the server's own time does not move the watermark."""
SYNC_CLOSED_MS = 30 * SYNC_DAY_MS
"""Closed cases are fetched when they changed within so long before the first sync."""
SYNC_WALK_PAGES = 20_000
SYNC_TIE_PASSES = 4
SYNC_DELETIONS_S = 300.0
SYNC_HISTORY_PAGES = 40
SYNC_POLL_S = 20.0
SYNC_POLL_LONGEST_S = 300.0
SYNC_OFFLINE_POLL_S = 10.0
SYNC_RETRY_FIRST_S = 2.0
SYNC_RETRY_LONGEST_S = 900.0
SYNC_WRITE_TRIES = 3
"""Attempts within one push when the case changes between reading and writing it."""
SYNC_CHANGES_AT_ONCE = 16
SYNC_FILES_AT_ONCE = 50
SYNC_FILE_RETRY_S = (10.0, 60.0, 300.0, 900.0)
SYNC_FILE_TRIES = 8
SYNC_ABSENT_S = 3600.0
"""What a case names and the server does not have is asked for again after so long."""

# --- console: event-loop lag -------------------------------------------------------------------------------
LAG_TICK_MS = 5
LAG_COUNTED_MS = 60_000
"""A tick that comes later than this is counted here."""

# --- console: garbage ----------------------------------------------------------------------------------------
GARBAGE_CHECK_MS = 200
"""Between two looks at what Python would have collected by itself."""
