//! The walls.

mod namespaces;

pub(crate) use namespaces::Namespaces;
