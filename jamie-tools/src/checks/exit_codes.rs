//! An exit code and a reason in, what they mean out.

use k8s_openapi::api::core::v1::ContainerStateTerminated;

/// What an end means, to go after "exit code N": "the application's own error".
pub(crate) fn meaning(end: &ContainerStateTerminated) -> &'static str {
    let message = end.message.as_deref().unwrap_or_default();
    if message.contains("exec format error") {
        return "the image is built for another processor architecture";
    }
    match (end.exit_code, end.reason.as_deref()) {
        (_, Some("OOMKilled")) => "killed by the kernel for using more memory than its limit",
        (0, _) => "it ended by itself, without an error",
        (1, _) => "the application's own error",
        (2, _) => "an error of the application or its shell, often wrong arguments or, in Go, a panic",
        (3..=63 | 79..=125, _) => "a code of the application's own",
        (64..=78, _) => "wrong usage or configuration, by the sysexits convention",
        (126, _) => "the command cannot be executed: it lacks permission or is no program",
        (127, _) => "the command was not found in the image",
        (128, _) => "the container could not be started",
        (129, _) => "killed by SIGHUP",
        (130, _) => "interrupted by SIGINT",
        (132, _) => "SIGILL: an instruction that this processor does not know",
        (134, _) => "SIGABRT: the application aborted itself",
        (135, _) => "SIGBUS: often an exhausted /dev/shm or a memory-mapped file that was cut",
        (136, _) => "SIGFPE: an arithmetic error",
        (137, _) => {
            "SIGKILL: killed from outside, by the memory limit, a failed liveness probe or an overdue stop"
        }
        (139, _) => "SIGSEGV: a segmentation fault in the application",
        (141, _) => "SIGPIPE",
        (143, _) => "SIGTERM: asked to stop from outside",
        (152, _) => "SIGXCPU",
        (159, _) => "SIGSYS: a system call that its seccomp profile forbids",
        (255, _) => "a general failure, or a code out of range",
        (129..=192, _) => "killed by a signal",
        _ => "an error",
    }
}
