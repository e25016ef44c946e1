//! Whatever comes in, nothing breaks.
