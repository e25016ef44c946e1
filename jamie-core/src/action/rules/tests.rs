#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::Zoned;
use proptest::prelude::*;
use serde_json::Value;

use super::{Pattern, Rules};
use crate::{
    Effect, ObjectRef, Person, Plan,
    action::{ApprovalPolicy, AskAlways, Petition, Ruling},
};

const POLICY: &str = r#"
[environments]
production = ["prod-*", "shop"]

[[rules]]
environment = "production"
effect = "destroy"
then = "deny"
reason = "Nothing is destroyed in production."

[[rules]]
environment = "production"
group = "sre"
then = "ask"

[[rules]]
environment = "production"
group = "dev"
days = ["mon-fri"]
from = "09:00"
until = "18:00"
then = "ask"
approvals = 2
by = { groups = ["sre"], persons = ["lea"] }

[[rules]]
environment = "production"
then = "deny"

[[rules]]
namespace = ["sandbox", "tmp-*"]
then = "allow"

[[rules]]
group = "night"
from = "22:00"
until = "06:00"
days = ["fri"]
tool = "restart*"
then = "allow"

[[freeze]]
from = 2026-12-20T00:00:00Z
until = "2027-01-04 09:00"
environments = "production"
reason = "the Christmas trade"

[[rate_limits]]
max = 2
per = "1h"
tool = "restart*"
"#;

fn rules(text: &str) -> Rules {
    let rules: Rules = toml::from_str(text).unwrap();
    rules.validate().unwrap();
    rules
}

fn person(id: &str, groups: &[&str]) -> Person {
    Person {
        id: id.to_owned(),
        name: None,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

fn plan(effect: Effect, targets: Vec<ObjectRef>) -> Plan {
    Plan {
        title: "Do it".to_owned(),
        effect,
        args: Value::Null,
        targets,
        payload: Value::Null,
        guard: Value::Null,
        differences: Vec::new(),
        impact: Vec::new(),
        warnings: Vec::new(),
        reasons: Vec::new(),
        inverse: None,
    }
}

fn within(namespaces: &[&str]) -> Vec<ObjectRef> {
    namespaces
        .iter()
        .map(|namespace| ObjectRef::namespaced("Deployment", *namespace, "web"))
        .collect()
}

/// A Wednesday at noon in London unless told otherwise.
fn at(local: &str) -> Zoned {
    format!("{local}[Europe/London]").parse().unwrap()
}

fn noon() -> Zoned {
    at("2026-11-25T12:00")
}

/// The ruling in a few words.
fn told(ruling: &Ruling) -> String {
    match ruling {
        Ruling::Allow => "allow".to_owned(),
        Ruling::Ask { approvals, who } => format!("ask {approvals}: {who}"),
        Ruling::Deny { reason, who } => format!("deny: {reason} {}", who.as_deref().unwrap_or("-")),
    }
}

#[derive(Debug)]
struct Case<'a> {
    person: Person,
    tool: &'a str,
    effect: Effect,
    targets: Vec<ObjectRef>,
    now: Zoned,
}

impl Case<'_> {
    fn ask(&self, policy: &dyn ApprovalPolicy, recent: &[Zoned]) -> Ruling {
        let plan = plan(self.effect, self.targets.clone());
        policy.may_ask(&Petition {
            person: &self.person,
            asked_by: &self.person,
            tool: self.tool,
            plan: &plan,
            now: &self.now,
            recent,
        })
    }

    fn approve(&self, policy: &dyn ApprovalPolicy, approver: &Person) -> Ruling {
        let plan = plan(self.effect, self.targets.clone());
        policy.may_approve(&Petition {
            person: approver,
            asked_by: &self.person,
            tool: self.tool,
            plan: &plan,
            now: &self.now,
            recent: &[],
        })
    }
}

fn change(groups: &[&str], namespaces: &[&str]) -> Case<'static> {
    Case {
        person: person("ann", groups),
        tool: "scale",
        effect: Effect::Change,
        targets: within(namespaces),
        now: noon(),
    }
}

#[test]
fn the_first_rule_that_fits_decides() {
    let rules = rules(POLICY);
    let table = [
        (&["dev"][..], &["sandbox"][..], "2026-11-25T12:00", "allow"),
        (&[], &["tmp-7"], "2026-11-25T12:00", "allow"),
        (
            &[],
            &["elsewhere"],
            "2026-11-25T12:00",
            "ask 1: anybody who may ask for it",
        ),
        (
            &["sre"],
            &["shop"],
            "2026-11-25T12:00",
            "ask 1: anybody who may ask for it",
        ),
        (
            &["dev"],
            &["prod-eu"],
            "2026-11-25T12:00",
            "ask 2: anybody in sre, or lea",
        ),
        // Two rules of different strictness: the strictest holds.
        (
            &["dev"],
            &["sandbox", "shop"],
            "2026-11-25T12:00",
            "ask 2: anybody in sre, or lea",
        ),
        (
            &["dev"],
            &["shop"],
            "2026-11-25T18:00",
            "deny: The policy does not allow changes in `production`. anybody in sre may",
        ),
        (
            &[],
            &["shop", "sandbox"],
            "2026-11-25T12:00",
            "deny: The policy does not allow changes in `production`. anybody in dev or sre may",
        ),
        (
            &["sre"],
            &["shop"],
            "2026-12-31T12:00",
            "deny: Changes are frozen: the Christmas trade. the freeze ends on Monday at 09:00",
        ),
        (
            &["sre"],
            &["shop"],
            "2027-01-04T09:00",
            "ask 1: anybody who may ask for it",
        ),
    ];
    for (groups, namespaces, now, expected) in table {
        let case = Case {
            now: at(now),
            ..change(groups, namespaces)
        };
        assert_eq!(
            told(&case.ask(&rules, &[])),
            expected,
            "{groups:?} {namespaces:?} {now}"
        );
    }
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let rules = rules(POLICY);
    for (now, allowed) in [
        ("2026-11-27T21:59", false),
        ("2026-11-27T22:00", true),
        ("2026-11-28T05:59", true),
        ("2026-11-28T06:00", false),
        ("2026-11-28T23:00", false),
        ("2026-11-27T03:00", false),
    ] {
        let case = Case {
            tool: "restart_rollout",
            now: at(now),
            ..change(&["night"], &["web"])
        };
        assert_eq!(case.ask(&rules, &[]) == Ruling::Allow, allowed, "{now}");
    }
}

#[test]
fn whom_a_rule_names_may_approve_and_nobody_else() {
    let rules = rules(POLICY);
    let case = change(&["dev"], &["shop"]);
    for (approver, expected) in [
        (person("sam", &["sre"]), "ask 2: anybody in sre, or lea"),
        (
            person("bob", &["dev"]),
            "deny: bob may not approve this. anybody in sre, or lea may",
        ),
        (
            case.person.clone(),
            "deny: ann may not approve this. anybody in sre, or lea may",
        ),
        // Named as an approver, but kept out of production by a rule of its own.
        (
            person("lea", &[]),
            "deny: The policy does not allow changes in `production`. anybody in sre may",
        ),
    ] {
        assert_eq!(told(&case.approve(&rules, &approver)), expected, "{approver:?}");
    }
    let own = change(&["sre"], &["shop"]);
    assert_eq!(
        told(&own.approve(&rules, &own.person)),
        "ask 1: anybody who may ask for it"
    );
    let stranger = person("eve", &[]);
    assert!(matches!(own.approve(&rules, &stranger), Ruling::Deny { .. }));
}

#[test]
fn what_holds_for_everybody() {
    let rules = rules(POLICY);
    let destroy = Case {
        effect: Effect::Destroy,
        ..change(&["sre"], &["kube-system"])
    };
    assert_eq!(
        told(&destroy.ask(&rules, &[])),
        "deny: The namespace `kube-system` is protected: nothing in it is destroyed. -"
    );
    let namespace = Case {
        effect: Effect::Destroy,
        targets: vec![ObjectRef::cluster("Namespace", "kube-public")],
        ..change(&["sre"], &[])
    };
    assert!(matches!(
        namespace.ask(&Rules::default(), &[]),
        Ruling::Deny { .. }
    ));
    let restart = Case {
        tool: "restart_pod",
        ..change(&["sre"], &["elsewhere"])
    };
    let recent = ["2026-11-25T11:40", "2026-11-25T11:15", "2026-11-25T10:30"].map(at);
    assert_eq!(
        told(&restart.ask(&rules, &recent)),
        "deny: `restart_pod` may run 2 times per 1h here, and has. it may run again today at 12:15"
    );
    assert_eq!(
        told(&restart.ask(&rules, &recent[1..])),
        "ask 1: anybody who may ask for it"
    );
}

#[test]
fn what_belongs_to_the_cluster_is_forbidden_but_not_permitted_by_rules_for_namespaces() {
    let node = Case {
        targets: vec![ObjectRef::cluster("Node", "node-1")],
        ..change(&["dev"], &[])
    };
    let permits = rules("[[rules]]\nnamespace = \"sandbox\"\nthen = \"allow\"\n");
    assert_eq!(
        told(&node.ask(&permits, &[])),
        "ask 1: anybody who may ask for it"
    );
    assert!(matches!(node.ask(&rules(POLICY), &[]), Ruling::Deny { .. }));
}

#[test]
fn a_person_who_may_later_is_told_when() {
    let rules = rules(
        "default = \"deny\"\n[[rules]]\ndays = [\"mon-fri\"]\nfrom = \"09:00\"\nuntil = \"17:00\"\nthen = \"ask\"\n",
    );
    let friday_night = Case {
        now: at("2026-11-27T20:00"),
        ..change(&[], &["web"])
    };
    assert_eq!(
        told(&friday_night.ask(&rules, &[])),
        "deny: The policy does not allow it. it may be done on Monday at 09:00"
    );
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_with_the_reason() {
    for (text, complaint) in [
        (
            "[[rules]]\nenvironment = \"prod\"\nthen = \"deny\"",
            "no environment",
        ),
        ("[[rules]]\nthen = \"ask\"\napprovals = 0", "approvals is 0"),
        (
            "[[rules]]\nthen = \"ask\"\napprovals = 2\nby = { persons = [\"a\", \"a\"] }",
            "1 may approve",
        ),
        ("[[rules]]\nthen = \"deny\"\napprovals = 2", "asks for none"),
        ("[[rules]]\nthen = \"allow\"\nreason = \"x\"", "denies nothing"),
        (
            "[[freeze]]\nfrom = \"2027-01-01 00:00\"\nuntil = \"2026-01-01 00:00\"",
            "before it begins",
        ),
        ("[[rate_limits]]\nmax = 0\nper = \"1h\"", "max is 0"),
        (
            "[[rules]]\nfrom = \"09:00\"\nuntil = \"09:00\"\nthen = \"deny\"",
            "the same",
        ),
    ] {
        let rules: Rules = toml::from_str(text).unwrap();
        let error = rules.validate().unwrap_err();
        assert!(error.message().contains(complaint), "{text}: {error}");
    }
    for (text, complaint) in [
        ("[[rules]]\ndays = [\"funday\"]\nthen = \"deny\"", "no day"),
        ("[[rules]]\nnamespace = []\nthen = \"deny\"", "fits nothing"),
        ("[[rules]]\nnamespace = \"\"\nthen = \"deny\"", "may not be empty"),
        ("[[rules]]\neffect = \"read\"\nthen = \"deny\"", "destroy"),
        ("[[rules]]\ntools = \"x\"\nthen = \"deny\"", "tools"),
        ("[[freeze]]\nfrom = \"soon\"\nuntil = \"later\"", "no moment"),
        ("[[rate_limits]]\nmax = 1\nper = \"often\"", "no stretch of time"),
    ] {
        let error = toml::from_str::<Rules>(text).unwrap_err();
        assert!(error.message().contains(complaint), "{text}: {error}");
    }
}

#[test]
fn rules_are_written_as_they_are_read() {
    let rules = rules(POLICY);
    let written = toml::to_string(&rules).unwrap();
    assert_eq!(toml::from_str::<Rules>(&written).unwrap(), rules, "{written}");
}

#[test]
fn without_a_policy_whoever_asked_decides() {
    let case = change(&[], &["shop"]);
    assert_eq!(told(&case.ask(&AskAlways, &[])), "ask 1: ann");
    assert_eq!(told(&case.approve(&AskAlways, &case.person)), "ask 1: ann");
    assert_eq!(
        told(&case.approve(&AskAlways, &person("bob", &[]))),
        "deny: bob did not ask for this. ann may"
    );
}

const NAMESPACES: [&str; 5] = ["shop", "prod-eu", "sandbox", "kube-system", "web"];

fn written_rule() -> impl Strategy<Value = String> {
    let pick = |key: &'static str, values: &'static [&'static str]| {
        prop::option::of(prop::sample::select(values))
            .prop_map(move |value| value.map_or(String::new(), |value| format!("{key} = {value}\n")))
    };
    (
        pick("effect", &["\"change\"", "\"destroy\""]),
        pick("tool", &["\"scale\"", "\"s*\"", "\"restart*\""]),
        pick("namespace", &["\"shop\"", "[\"sandbox\", \"web\"]", "\"*\""]),
        pick("group", &["\"sre\"", "\"dev\""]),
        pick("from", &["\"09:00\"", "\"22:00\""]),
        prop::sample::select(
            &[
                "then = \"allow\"\n",
                "then = \"ask\"\n",
                "then = \"ask\"\napprovals = 3\nby = { groups = [\"sre\"] }\n",
                "then = \"deny\"\n",
            ][..],
        ),
    )
        .prop_map(|(effect, tool, namespace, group, from, then)| {
            format!("[[rules]]\n{effect}{tool}{namespace}{group}{from}{then}")
        })
}

fn policies() -> impl Strategy<Value = Rules> {
    (
        prop::sample::select(&["allow", "ask", "deny"][..]),
        prop::collection::vec(written_rule(), 0..5),
    )
        .prop_map(|(default, written)| rules(&format!("default = \"{default}\"\n{}", written.concat())))
}

fn cases() -> impl Strategy<Value = Case<'static>> {
    (
        prop::sample::subsequence(&["sre", "dev"][..], 0..=2),
        prop::sample::subsequence(&NAMESPACES[..], 0..=3),
        prop::sample::select(&["scale", "restart_pod"][..]),
        prop::sample::select(&[Effect::Read, Effect::Change, Effect::Destroy][..]),
        0..24_i8,
    )
        .prop_map(|(groups, namespaces, tool, effect, hour)| Case {
            person: person("ann", &groups),
            tool,
            effect,
            targets: within(&namespaces),
            now: noon().with().hour(hour).build().unwrap(),
        })
}

/// The higher the stricter.
fn strictness(ruling: &Ruling) -> u32 {
    match ruling {
        Ruling::Allow => 0,
        Ruling::Ask { approvals, .. } => *approvals,
        Ruling::Deny { .. } => u32::MAX,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_further_denial_never_widens(
        policy in policies(),
        denial in written_rule(),
        place in 0..5_usize,
        case in cases(),
        approver in prop::sample::subsequence(&["sre", "dev"][..], 0..=2),
    ) {
        let mut stricter = policy.clone();
        let mut rule = rules(&denial).rules.remove(0);
        (rule.then, rule.approvals, rule.by) = (super::Then::Deny, None, None);
        stricter.rules.insert(place.min(policy.rules.len()), rule);
        prop_assert!(strictness(&case.ask(&stricter, &[])) >= strictness(&case.ask(&policy, &[])));
        let approver = person("bob", &approver);
        let (before, after) = (case.approve(&policy, &approver), case.approve(&stricter, &approver));
        prop_assert!(strictness(&after) >= strictness(&before));
    }

    #[test]
    fn read_only_cannot_be_talked_out_of(policy in policies(), case in cases()) {
        let policy = Rules { read_only: true, ..policy };
        let asked = case.ask(&policy, &[]);
        prop_assert!(matches!(asked, Ruling::Deny { who: None, .. }), "{asked:?}");
        let approved = case.approve(&policy, &case.person);
        prop_assert!(matches!(approved, Ruling::Deny { who: None, .. }), "{approved:?}");
    }

    #[test]
    fn several_namespaces_get_the_strictest_of_their_rulings(policy in policies(), case in cases()) {
        prop_assume!(!case.targets.is_empty());
        let each = case.targets.iter().map(|target| {
            let one = Case { targets: vec![target.clone()], person: case.person.clone(), now: case.now.clone(), ..case };
            strictness(&one.ask(&policy, &[]))
        });
        prop_assert_eq!(strictness(&case.ask(&policy, &[])), each.max().unwrap());
    }

    #[test]
    fn who_is_named_may(policy in policies(), case in cases()) {
        if let Ruling::Deny { who: Some(who), .. } = case.ask(&policy, &[])
            && let Some(groups) = who.strip_prefix("anybody in ")
        {
            let group = groups.split([' ', ',']).next().unwrap();
            let other = Case { person: person("zoe", &[group]), targets: case.targets.clone(), now: case.now.clone(), ..case };
            prop_assert!(!matches!(other.ask(&policy, &[]), Ruling::Deny { .. }), "{who}");
        }
    }

    #[test]
    fn patterns_match_like_their_regular_expressions(pattern in "[ab*?]{1,6}", text in "[ab]{0,6}") {
        // A second, slower way to the same answer.
        fn naive(p: &[u8], t: &[u8]) -> bool {
            match (p.split_first(), t.split_first()) {
                (None, None) => true,
                (Some((b'*', rest)), _) => naive(rest, t) || t.split_first().is_some_and(|(_, t)| naive(p, t)),
                (Some((b'?', p)), Some((_, t))) => naive(p, t),
                (Some((a, p)), Some((b, t))) => a == b && naive(p, t),
                _ => false,
            }
        }
        let matches = Pattern::try_from(pattern.clone()).unwrap().matches(&text);
        prop_assert_eq!(matches, naive(pattern.as_bytes(), text.as_bytes()));
    }
}
