"""Values and rules of telehealth: no I/O, no Qt, no asyncio."""
