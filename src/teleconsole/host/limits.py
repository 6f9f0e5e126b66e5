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
"""Requests of the other side that may run at the same time."""
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
"""From the start of the embedded FHIR server to its first answer; importing its models takes seconds on a busy computer."""
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
