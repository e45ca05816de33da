"""HTTP views and websocket commands."""
