"""The support desk: policy, storage, services, gateway and channels, wired together in `bot.app`."""
