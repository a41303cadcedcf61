"""Downloads that resume, verify their checksum and unpack safely."""
