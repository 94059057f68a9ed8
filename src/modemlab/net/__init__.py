"""The network for modules: streams to servers, and the rules that send them elsewhere."""
