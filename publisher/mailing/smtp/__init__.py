"""Messages → relays over SMTP: a state machine without a socket, connections around it, one run over all."""
