//! Integration tests: the production router, services and worker against a real PostgreSQL, a database per test.
