"""Messages → relays over SMTP: a state machine without a socket, connections around it, one run over all."""

from publisher.mailing.smtp.delivery import Relays

__all__ = ["Relays"]
