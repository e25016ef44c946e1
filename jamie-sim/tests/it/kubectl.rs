//! An unmodified kubectl works with the simulated cluster, and what it does has effects.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::process::Stdio;
use std::time::Duration;

use jamie_sim::server::Tls;
use jamie_sim::{Estate, Options};
use tokio::process::Command;

use crate::shop;

/// Far more than any command takes; a hang fails the test instead of blocking it.
const PATIENCE: Duration = Duration::from_mins(1);

struct Kubectl {
    estate: Estate,
    home: tempfile::TempDir,
}

struct Said {
    ok: bool,
    out: String,
    err: String,
}

impl Kubectl {
    /// kubectl beside an open shop; nothing where it is not installed.
    async fn open() -> Option<Self> {
        let found = Command::new("kubectl")
            .args(["version", "--client"])
            .stdout(Stdio::null())
            .status()
            .await;
        if !found.is_ok_and(|status| status.success()) {
            eprintln!("skipped: kubectl is not installed");
            return None;
        }
        let estate = shop::open(Options::default().with_tls(Tls::Sound)).await;
        let home = tempfile::tempdir().expect("a folder for the kubeconfig");
        std::fs::write(home.path().join("config"), estate.kubeconfig()).expect("the kubeconfig is written");
        Some(Self { estate, home })
    }

    async fn run(&self, arguments: &str) -> Said {
        self.feed(&arguments.split_whitespace().collect::<Vec<_>>(), None)
            .await
    }

    async fn feed(&self, arguments: &[&str], input: Option<&str>) -> Said {
        let mut command = Command::new("kubectl");
        command
            .args(arguments)
            .env("KUBECONFIG", self.home.path().join("config"))
            .env("HOME", self.home.path());
        command
            .kill_on_drop(true)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(input) = input {
            let file = self.home.path().join("input.yaml");
            std::fs::write(&file, input).expect("the input is written");
            command.arg("-f").arg(file);
        }
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .expect("kubectl ends")
            .expect("it runs");
        Said {
            ok: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What a command that must succeed says.
    async fn says(&self, arguments: &str) -> String {
        let said = self.run(arguments).await;
        assert!(said.ok, "kubectl {arguments}: {}{}", said.out, said.err);
        said.out
    }

    /// What a command that must fail complains of.
    async fn complains(&self, arguments: &str) -> String {
        let said = self.run(arguments).await;
        assert!(!said.ok, "kubectl {arguments} succeeded: {}", said.out);
        said.err
    }

    /// Waits until a command says something.
    async fn until(&self, arguments: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let seen = async {
            loop {
                last = self.run(arguments).await.out;
                if wanted(&last) {
                    break;
                }
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "kubectl {arguments} never said so: {last}");
        last
    }

    async fn close(self) {
        self.estate.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_shows_things_in_every_output() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let table = kubectl.says("get pods -n shop").await;
    assert!(
        table.contains("READY") && table.contains("RESTARTS") && table.contains("CrashLoopBackOff"),
        "{table}"
    );
    assert!(
        kubectl
            .says("get pods -A -o wide")
            .await
            .contains("NOMINATED NODE")
    );
    assert!(
        kubectl
            .says("get deployment web -n shop -o yaml")
            .await
            .contains("registry.example/web:1.4.1")
    );
    let json: serde_json::Value =
        serde_json::from_str(&kubectl.says("get deployment web -n shop -o json").await).expect("JSON");
    assert_eq!(json["kind"], "Deployment");
    assert_eq!(
        kubectl.says("get deployment web -n shop -o name").await.trim(),
        "deployment.apps/web"
    );
    let path = "get deployment web -n shop -o jsonpath={.spec.template.spec.containers[0].image}";
    assert_eq!(kubectl.says(path).await, "registry.example/web:1.4.1");
    assert_eq!(
        kubectl
            .says("get pods -n shop -l app=web -o name")
            .await
            .lines()
            .count(),
        3
    );
    let one = "get pods -A --field-selector metadata.namespace=shop,status.phase=Running -l app=web -o name";
    assert_eq!(kubectl.says(one).await.lines().count(), 3);
    assert_eq!(
        kubectl
            .says("get pods -n shop -o name --chunk-size=1")
            .await
            .lines()
            .count(),
        4
    );
    assert!(
        kubectl
            .says("get all -n shop")
            .await
            .contains("replicaset.apps/web-")
    );
    assert!(
        kubectl
            .complains("get pod nobody -n shop")
            .await
            .contains("pods \"nobody\" not found")
    );
    assert!(
        kubectl
            .complains("get nonsense")
            .await
            .contains("doesn't have a resource type \"nonsense\"")
    );
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn describe_works_for_every_kind_and_tells_events() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let told = kubectl.says("describe pods -n shop -l app=worker").await;
    assert!(told.contains("Back-off restarting failed container"), "{told}");
    assert!(told.contains("Exit Code:    3"), "{told}");
    assert!(
        kubectl
            .says("describe deployment web -n shop")
            .await
            .contains("NewReplicaSet")
    );
    for kind in [
        "replicasets",
        "services",
        "endpointslices",
        "nodes",
        "namespaces",
        "serviceaccounts",
        "configmaps",
    ] {
        assert!(
            !kubectl.says(&format!("describe {kind} -A")).await.is_empty(),
            "{kind}"
        );
    }
    assert!(kubectl.says("get events -n shop").await.contains("BackOff"));
    assert!(kubectl.says("events -n shop").await.contains("BackOff"));
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_come_whole_in_part_and_of_the_previous_container() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    assert!(
        kubectl
            .says("logs -n shop deployment/web")
            .await
            .contains("listening on :8080")
    );
    assert_eq!(
        kubectl.says("logs -n shop deployment/web --tail=1").await.trim(),
        "listening on :8080"
    );
    assert!(
        kubectl
            .says("logs -n shop deployment/web -c web --timestamps --tail=1")
            .await
            .starts_with("20")
    );
    assert!(
        kubectl
            .says("logs -n shop deployment/worker --previous")
            .await
            .contains("QUEUE_URL is not set")
    );
    let complaint = kubectl.complains("logs -n shop deployment/web -c nobody").await;
    assert!(complaint.contains("container nobody is not valid"), "{complaint}");
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scaled_rolled_and_undone_deployment_follows() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    kubectl.says("scale deployment/web -n shop --replicas=5").await;
    kubectl
        .until("get deployment web -n shop", |out| out.contains("5/5"))
        .await;
    kubectl
        .says("set image deployment/web -n shop web=registry.example/web:1.5.0")
        .await;
    assert!(
        kubectl
            .says("rollout status deployment/web -n shop")
            .await
            .contains("successfully rolled out")
    );
    kubectl.says("rollout restart deployment/web -n shop").await;
    assert!(
        kubectl
            .says("rollout status deployment/web -n shop")
            .await
            .contains("successfully rolled out")
    );
    assert!(
        kubectl
            .says("rollout history deployment/web -n shop")
            .await
            .contains("REVISION")
    );
    kubectl
        .says("rollout undo deployment/web -n shop --to-revision=1")
        .await;
    assert!(
        kubectl
            .says("rollout status deployment/web -n shop")
            .await
            .contains("successfully rolled out")
    );
    kubectl
        .until("get pods -n shop -l app=web -o yaml", |out| {
            !out.contains("web:1.5.0")
        })
        .await;
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_pod_comes_back_and_a_drained_node_empties() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let before = kubectl.says("get pods -n shop -l app=web -o name").await;
    let victim = before.lines().next().expect("a pod").to_owned();
    kubectl.says(&format!("delete {victim} -n shop")).await;
    kubectl
        .until("get deployment web -n shop", |out| out.contains("3/3"))
        .await;
    assert!(!kubectl.says("get pods -n shop -o name").await.contains(&victim));

    kubectl.says("cordon node-1").await;
    assert!(kubectl.says("get nodes").await.contains("SchedulingDisabled"));
    kubectl.says("uncordon node-1").await;
    assert!(!kubectl.says("get nodes").await.contains("SchedulingDisabled"));
    kubectl
        .says("drain node-1 --ignore-daemonsets --delete-emptydir-data --force")
        .await;
    let left = kubectl
        .says("get pods -n shop -l app=web -o wide --field-selector spec.nodeName=node-1")
        .await;
    assert!(!left.contains("web-"), "{left}");

    let whole = "create poddisruptionbudget web -n shop --selector=app=web --min-available=3";
    kubectl.says(whole).await;
    kubectl
        .until(
            "get pdb web -n shop -o jsonpath={.status.currentHealthy}",
            |out| out == "3",
        )
        .await;
    let complaint = kubectl
        .complains("drain node-2 node-3 --ignore-daemonsets --force --timeout=2s")
        .await;
    assert!(
        complaint.contains("would violate the pod's disruption budget"),
        "{complaint}"
    );
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn things_are_applied_compared_and_owned() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {colour: red}\n";
    let applied = kubectl.feed(&["apply"], Some(map)).await;
    assert!(
        applied.out.contains("configmap/settings created"),
        "{}{}",
        applied.out,
        applied.err
    );
    assert!(
        kubectl
            .feed(&["apply"], Some(map))
            .await
            .out
            .contains("unchanged")
    );
    let blue = map.replace("red", "blue");
    let dry = kubectl.feed(&["apply", "--dry-run=server"], Some(&blue)).await;
    assert!(
        dry.out.contains("configured (server dry run)"),
        "{}{}",
        dry.out,
        dry.err
    );
    assert_eq!(
        kubectl
            .says("get cm settings -n shop -o jsonpath={.data.colour}")
            .await,
        "red"
    );
    assert!(
        kubectl
            .feed(&["diff"], Some(&blue))
            .await
            .out
            .contains("+  colour: blue")
    );
    assert!(
        kubectl
            .feed(&["apply"], Some(&blue))
            .await
            .out
            .contains("configured")
    );

    let other = blue.replace("blue", "green");
    let owned = kubectl
        .feed(
            &[
                "apply",
                "--server-side",
                "--field-manager=one",
                "--force-conflicts",
            ],
            Some(&blue),
        )
        .await;
    assert!(owned.ok, "{}", owned.err);
    let conflict = kubectl
        .feed(&["apply", "--server-side", "--field-manager=two"], Some(&other))
        .await;
    assert!(
        conflict.err.contains("conflict with \"one\": .data.colour"),
        "{}",
        conflict.err
    );
    assert!(
        kubectl
            .feed(
                &[
                    "apply",
                    "--server-side",
                    "--field-manager=two",
                    "--force-conflicts"
                ],
                Some(&other)
            )
            .await
            .ok
    );

    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn things_are_patched_labelled_and_deleted() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    kubectl
        .says("create configmap settings -n shop --from-literal=colour=red")
        .await;
    kubectl
        .says("patch cm settings -n shop --type=merge -p {\"data\":{\"size\":\"XL\"}}")
        .await;
    kubectl
        .says("patch cm settings -n shop --type=json -p [{\"op\":\"remove\",\"path\":\"/data/colour\"}]")
        .await;
    assert_eq!(
        kubectl.says("get cm settings -n shop -o jsonpath={.data}").await,
        "{\"size\":\"XL\"}"
    );
    kubectl.says("label cm settings -n shop tier=front").await;
    kubectl.says("annotate cm settings -n shop note=x").await;
    kubectl.says("delete cm settings -n shop").await;
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    kubectl.says("create quota few -n shop --hard=pods=4").await;
    let complaint = kubectl
        .complains("run one-more -n shop --image=registry.example/a:1")
        .await;
    assert!(complaint.contains("exceeded quota: few"), "{complaint}");
    let wrong = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad, namespace: shop}\nspec:\n  selector: \
                 {matchLabels: {app: bad}}\n  template: {metadata: {labels: {app: worse}}, spec: {containers: [{name: c}]}}\n";
    let refused = kubectl.feed(&["apply"], Some(wrong)).await;
    assert!(
        refused
            .err
            .contains("`selector` does not match template `labels`"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("containers[0].image: Required value"),
        "{}",
        refused.err
    );
    let typo = wrong
        .replace("worse", "bad")
        .replace("{name: c}", "{name: c, imgae: x}");
    let refused = kubectl.feed(&["apply"], Some(&typo)).await;
    assert!(
        refused
            .err
            .contains("unknown field \"spec.template.spec.containers[0].imgae\""),
        "{}",
        refused.err
    );
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_versions_figures_and_permissions_are_told() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    assert!(kubectl.says("version").await.contains("Server Version: v1.32"));
    assert!(kubectl.says("api-versions").await.contains("autoscaling/v2"));
    assert!(
        kubectl
            .says("api-resources")
            .await
            .contains("poddisruptionbudgets")
    );
    assert!(kubectl.says("top nodes").await.contains("node-1"));
    assert!(kubectl.says("top pods -n shop").await.contains("web-"));
    assert_eq!(kubectl.says("auth can-i delete pods").await.trim(), "yes");
    assert!(kubectl.says("auth can-i --list").await.contains("*.*"));
    assert!(kubectl.says("auth whoami").await.contains("kubernetes-admin"));
    kubectl
        .says("create role reader -n shop --verb=get,list --resource=pods")
        .await;
    kubectl
        .says("create rolebinding reader -n shop --role=reader --user=joe")
        .await;
    assert_eq!(
        kubectl.says("auth can-i list pods -n shop --as=joe").await.trim(),
        "yes"
    );
    assert!(!kubectl.run("auth can-i delete pods -n shop --as=joe").await.ok);
    let complaint = kubectl.complains("delete pods --all -n shop --as=joe").await;
    assert!(complaint.contains("User \"joe\" cannot"), "{complaint}");
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_creates_what_it_sends_in_protobuf() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    for (command, then) in [
        ("create namespace yard", "get namespace yard"),
        (
            "create configmap a -n shop --from-literal=k=v",
            "get cm a -n shop",
        ),
        (
            "create secret generic a -n shop --from-literal=k=v",
            "get secret a -n shop",
        ),
        (
            "create deployment a --image=registry.example/a:1 -n shop --port=80",
            "get deployment a -n shop",
        ),
        (
            "create job a --image=registry.example/a:1 -n shop -- echo hello",
            "get job a -n shop",
        ),
        (
            "create cronjob a --image=registry.example/a:1 -n shop --schedule=@daily",
            "get cronjob a -n shop",
        ),
        ("create job b --from=cronjob/a -n shop", "get job b -n shop"),
        ("expose deployment a -n shop --port=80", "get service a -n shop"),
        (
            "autoscale deployment a -n shop --min=1 --max=3 --cpu-percent=50",
            "get hpa a -n shop",
        ),
        ("create quota a -n shop --hard=pods=30", "get quota a -n shop"),
        (
            "create ingress a -n shop --rule=a.example/x=a:80",
            "get ingress a -n shop",
        ),
        ("create serviceaccount a -n shop", "create token a -n shop"),
        ("run a --image=registry.example/a:1 -n shop", "get pod a -n shop"),
    ] {
        kubectl.says(command).await;
        assert!(!kubectl.says(then).await.is_empty(), "{then}");
    }
    kubectl.says("delete namespace yard").await;
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_following_kubectl_gets_new_lines() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let mut command = Command::new("kubectl");
    command.args(["logs", "-n", "shop", "deployment/web", "--follow", "--tail=1"]);
    command
        .env("KUBECONFIG", kubectl.home.path().join("config"))
        .env("HOME", kubectl.home.path());
    let mut child = command
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .spawn()
        .expect("kubectl runs");
    let out = child.stdout.take().expect("its output");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(out));
    for _ in 0..3 {
        let line = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .expect("a line in time");
        assert!(line.expect("a readable line").is_some(), "the log ended");
    }
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watching_kubectl_sees_changes() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    let mut command = Command::new("kubectl");
    command.args([
        "get",
        "pods",
        "-n",
        "shop",
        "-l",
        "app=web",
        "--watch",
        "--output-watch-events",
    ]);
    command
        .env("KUBECONFIG", kubectl.home.path().join("config"))
        .env("HOME", kubectl.home.path());
    let mut child = command
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .spawn()
        .expect("kubectl runs");
    let out = child.stdout.take().expect("its output");
    let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(out));
    let mut saw = async |wanted: &str| {
        let found = async {
            while let Some(line) = lines.next_line().await.expect("lines") {
                if line.contains(wanted) {
                    return true;
                }
            }
            false
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_default()
    };
    assert!(saw("ADDED").await);
    kubectl.says("scale deployment/web -n shop --replicas=2").await;
    assert!(saw("DELETED").await);
    kubectl.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_over_or_foreign_are_refused_by_kubectl() {
    let Some(kubectl) = Kubectl::open().await else {
        return;
    };
    kubectl.close().await;
    for (tls, wanted) in [(Tls::Expired, "expired"), (Tls::Foreign, "unknown authority")] {
        let estate = shop::open(Options::default().with_tls(tls)).await;
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("config"), estate.kubeconfig()).expect("the kubeconfig is written");
        let kubectl = Kubectl { estate, home };
        let complaint = kubectl.complains("get pods").await;
        assert!(complaint.contains(wanted), "{tls:?}: {complaint}");
        kubectl.close().await;
    }
}
