"""edgekit frames, protocol version 1 (docs/protocol.md): bytes to messages and back, no I/O."""
