//! The Kubernetes API server: HTTP requests come in, answers from the [`Store`](crate::Store)
//! go out, in the wire format of the real one.

pub(crate) mod resources;

pub use resources::ResourceType;
