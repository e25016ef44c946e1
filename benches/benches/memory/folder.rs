//! A folder in, what it takes on disk out; and what this process takes in memory.

use std::path::Path;

/// Files and bytes below a folder.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl Size {
    /// Files may vanish while they are counted.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut size = Self::default();
        let Ok(entries) = std::fs::read_dir(folder) else {
            return size;
        };
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(meta) if meta.is_dir() => {
                    let below = Self::of(&entry.path());
                    size.files += below.files;
                    size.bytes += below.bytes;
                }
                Ok(meta) => {
                    size.files += 1;
                    size.bytes += meta.len();
                }
                Err(_) => {}
            }
        }
        size
    }

    pub(crate) fn mib(self) -> f64 {
        self.bytes as f64 / f64::from(1 << 20)
    }
}

/// Mebibytes of memory that this process holds now; 0 where the system does not say.
pub(crate) fn resident() -> f64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        })
        .unwrap_or_default()
        / 1024.0
}
