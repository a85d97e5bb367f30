"""Messages that leave the machine: by mail and into channels. The only room that sends; it holds no record and no figure."""
