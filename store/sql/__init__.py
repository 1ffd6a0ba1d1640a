"""The application's own database: connections, tables, migrations."""
