"""The module's machinery, whatever its vendor: the line, the mobile, the MQTT clients. No I/O, no clock."""
