"""The clinic's side: patient pages, links, signalling, proxy."""
