//! In-memory providers.
