"""The one path of a turn: from a verified, parsed inbound message to the stored answer."""
