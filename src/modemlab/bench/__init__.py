"""The parts put together: modules on ports and sockets, and the embedded broker."""
