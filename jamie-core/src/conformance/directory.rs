//! The suite for directories.

use super::{Verdict, ensure};
use crate::{Directory, Person, Scope};

/// Names can be said, and owners lead upwards and end.
pub async fn directory(directory: &dyn Directory, person: &Person, scope: &Scope) -> Verdict {
    let names = directory
        .names(person, scope)
        .await
        .map_err(|error| format!("the names could not be had: {error}"))?;
    for (at, name) in names.all.iter().enumerate() {
        let object = &name.object;
        ensure(!object.name.trim().is_empty(), || {
            format!("entry {at} has no name: {name:?}")
        })?;
        ensure(object.kind.starts_with(|c: char| c.is_ascii_uppercase()), || {
            format!("the kind of {object} is not spelt as the API does")
        })?;
        ensure(name.aliases.iter().all(|alias| !alias.trim().is_empty()), || {
            format!("{object} has an empty alias")
        })?;
        let mut above = name.owner;
        let mut steps = 0;
        while let Some(owner) = above {
            let Some(entry) = names.all.get(owner) else {
                return Err(format!(
                    "the owner of {object} is entry {owner}, which is not there"
                ));
            };
            steps += 1;
            ensure(steps <= 16, || format!("the owners of {object} never end"))?;
            above = entry.owner;
        }
    }
    Ok(())
}
