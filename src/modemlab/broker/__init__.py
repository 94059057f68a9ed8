"""The MQTT broker on the desk: server, router, users, store."""
