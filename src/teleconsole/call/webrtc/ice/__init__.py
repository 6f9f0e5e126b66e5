"""How the two sides find a way to each other: servers, relays, ports, names (RFC 8445, RFC 8656)."""
