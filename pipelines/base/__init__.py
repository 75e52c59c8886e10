"""What every step stands on: settings, files of home, lock, progress, the embedded server."""
