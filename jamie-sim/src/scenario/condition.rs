//! One thing that must hold after a request, as a scenario file says it: about objects, or about a permission.

use serde::Deserialize;
use serde_json::Value;

use super::target::Target;

/// Something that must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum Condition {
    /// About one object, or all that match.
    Object(Check),
    /// About what somebody may do.
    Access {
        /// What is asked for.
        access: Permission,
        /// Whether it must be allowed, or must not.
        allowed: bool,
    },
}

impl Condition {
    /// The objects that it names, if it is about objects.
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Object(check) => Some(&check.object),
            Self::Access { .. } => None,
        }
    }
}

/// What is looked at, and what must be seen there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Check {
    /// The objects.
    pub object: Target,
    /// Only those that were not there before.
    pub new: bool,
    /// Where in them; none to speak of how many there are.
    pub path: Option<String>,
    /// What must be there.
    pub test: Test,
}

/// What must be seen.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// At least one object is there, and the path in each leads somewhere.
    Exists,
    /// No object is there, or the path leads nowhere in any.
    Absent,
    /// All objects that were there before have gone, whatever came in their place.
    Gone,
    /// Exactly this value; without a path, so many objects.
    Equals(Value),
    /// Another value than this, or none.
    Not(Value),
    /// This text is part of it, these items and fields are among its own.
    Contains(Value),
    /// A number or quantity that is not smaller; without a path, at least so many objects.
    AtLeast(Value),
    /// A number or quantity that is not larger; without a path, at most so many objects.
    AtMost(Value),
    /// Differs from what was there before; or, when false, does not.
    Changed(bool),
}

/// Something that somebody may or may not do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Permission {
    /// The user; a service account as `system:serviceaccount:namespace:name`.
    pub user: String,
    /// The user's groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The verb.
    pub verb: String,
    /// The resource in the plural, with a subresource as `pods/log`.
    pub resource: String,
    /// Its API group; the core group by default.
    #[serde(default)]
    pub group: String,
    /// The namespace; none for the whole cluster.
    #[serde(default)]
    pub namespace: Option<String>,
    /// One object's name.
    #[serde(default)]
    pub name: String,
}

/// A condition as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    object: Option<Target>,
    path: Option<String>,
    #[serde(default)]
    new: bool,
    exists: Option<bool>,
    absent: Option<bool>,
    gone: Option<bool>,
    equals: Option<Value>,
    not: Option<Value>,
    contains: Option<Value>,
    at_least: Option<Value>,
    at_most: Option<Value>,
    changed: Option<bool>,
    may: Option<Permission>,
    may_not: Option<Permission>,
}

const ONE_OF: &str = "exists, absent, gone, equals, not, contains, at_least, at_most or changed";

impl TryFrom<Written> for Condition {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let flag = |given: Option<bool>, yes: Test, no: Test| given.map(|given| if given { yes } else { no });
        let mut tests: Vec<Test> = [
            flag(written.exists, Test::Exists, Test::Absent),
            flag(written.absent, Test::Absent, Test::Exists),
            flag(written.gone, Test::Gone, Test::Exists),
            written.equals.map(Test::Equals),
            written.not.map(Test::Not),
            written.contains.map(Test::Contains),
            written.at_least.map(Test::AtLeast),
            written.at_most.map(Test::AtMost),
            written.changed.map(Test::Changed),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (written.object, written.may, written.may_not) {
            (None, Some(access), None) if tests.is_empty() => Ok(Self::Access {
                access,
                allowed: true,
            }),
            (None, None, Some(access)) if tests.is_empty() => Ok(Self::Access {
                access,
                allowed: false,
            }),
            (Some(object), None, None) => {
                let (Some(test), true) = (tests.pop(), tests.is_empty()) else {
                    return Err(format!("{object}: give exactly one of {ONE_OF}"));
                };
                if written.path.as_ref().is_some_and(|path| !path.starts_with('/')) {
                    return Err(format!("{object}: a path begins with a slash"));
                }
                if written.path.is_none() && matches!(test, Test::Contains(_) | Test::Not(_)) {
                    return Err(format!("{object}: `contains` and `not` need a path"));
                }
                let counted = matches!(&test, Test::Equals(count) | Test::AtLeast(count) | Test::AtMost(count)
                    if !count.is_u64());
                if written.path.is_none() && counted {
                    return Err(format!("{object}: without a path it is a number of objects"));
                }
                Ok(Self::Object(Check {
                    object,
                    new: written.new,
                    path: written.path,
                    test,
                }))
            }
            _ => Err(format!(
                "give an object with one of {ONE_OF}, or a permission under may or may_not"
            )),
        }
    }
}
