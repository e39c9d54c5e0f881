"""The ways in. Each verifies and parses what came, calls the gateway, and renders the answer in its own idiom."""
