"""Every bound of the call's media path: packets, delays, rates. The others are in `teleconsole.host.limits`."""
