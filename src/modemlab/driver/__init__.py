"""The host's end of an AT line: bytes and `now` in; bytes, results, URCs and the next deadline out."""
