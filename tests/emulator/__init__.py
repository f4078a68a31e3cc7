"""The emulator, over HTTP wherever a client would meet it."""
