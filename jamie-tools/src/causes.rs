//! Faults in, incidents out: symptoms collapse into the deepest cause that an edge and the order of time lead to.

mod calls;
mod explain;
mod incident;
mod links;

pub(crate) use self::{
    calls::resolve,
    incident::{Incident, incidents},
    links::{Links, canonical},
};
