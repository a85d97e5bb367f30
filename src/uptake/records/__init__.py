"""Django models for what is transactional: connections, sealed keys, runs, accounts, audit."""
