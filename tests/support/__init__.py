"""What tests share: servers, machines, lines and their transcripts."""
