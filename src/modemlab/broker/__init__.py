"""The embedded MQTT broker: server, router, users, store."""
