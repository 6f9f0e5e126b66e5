"""The figures of the whole product: command to window, Admit to picture, a call, a first sync, memory.

Real parts, as in the journeys: gateway, FHIR server, Chromium, the console on a screen in memory, keyring and sound,
in a network namespace of the bench's own. `python -m tests.bench.first_light --help`.
"""
