"""What runs inside the Rasa process (Python 3.10): NLU components, the locale importer and the gateway's channel."""
