"""The front: connections, bodies and answers are an event loop's business; threads run the app."""
