"""The two ends of the wire to Rasa: the client that sends turns, and the server of the actions."""
