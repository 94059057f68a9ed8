"""MQTT 3.1 and 3.1.1 without input or output: packets, the client's end, the server's end, topics."""
