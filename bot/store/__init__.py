"""The desk's database: SQLAlchemy models, one module of queries per aggregate, Alembic migrations."""
