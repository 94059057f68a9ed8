"""What the MQTT commands of Quectel's modules have in common, whatever the family: answers and URC makers."""
