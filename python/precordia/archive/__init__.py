"""Archives of exams to Parquet, on this machine or a cluster: `precordia-archive`. Needs `pip install 'precordia[archive]'`; docs/archive.md is its manual."""
