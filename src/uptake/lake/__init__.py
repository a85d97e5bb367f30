"""The facts: one sealed Parquet file a day. Only this room touches the files."""
