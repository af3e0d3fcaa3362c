"""The HTTP server: an event loop handles connections, bodies and answers; threads run the app."""
