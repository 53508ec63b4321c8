"""One flow per command: the only place where the compiler half and the device half meet."""
