//! The suite of cases that every backend runs.
