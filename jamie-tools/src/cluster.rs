//! The connection to one API server: a kubeconfig or a pod's own account in, snapshots, logs and objects out.
