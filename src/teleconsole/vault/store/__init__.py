"""The SQLCipher database, its migrations, the sealed files."""
