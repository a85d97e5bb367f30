"""SCIM 2.0 as rules: what is kept of a user and a group, read, filtered, patched and told to the directory. No I/O."""
