//! What a server that is away, unwilling or failing gets: a clear sentence, the right exit code, no hang.

use jamie_sim::{
    Options, Scenario,
    server::{Fault, FaultKind, Tls},
};

use crate::run::{Place, assert_failed};

async fn with_fault(fault: Fault) -> Place {
    let place = Place::demo().await;
    place.estate.faults().add(fault);
    place
}

fn status(code: u16) -> Fault {
    Fault::new(FaultKind::Status {
        code,
        message: None,
        retry_after: None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away() {
    let place = Place::demo().await;
    place.estate.stop().await;
    let home = place.home;
    let ran = crate::run::run(home.path(), &["ask", "how is everything?"], b"").await;
    assert_failed(&ran, 5, &["127.0.0.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_refuse_or_fail() {
    for (code, exit) in [(401, 4), (403, 4), (429, 5), (500, 5), (503, 5)] {
        let place = with_fault(status(code)).await;
        let ran = place.run(&["ask", "how is everything?"]).await;
        place.end().await;
        assert_failed(&ran, exit, &["127.0.0.1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_do_not_hold() {
    for (tls, says) in [(Tls::Expired, "expired"), (Tls::Foreign, "certificate")] {
        let place = Place::of(Scenario::demo().unwrap(), Options::default().with_tls(tls)).await;
        let ran = place.run(&["status"]).await;
        place.end().await;
        assert_failed(&ran, 5, &[says]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_looked_at_is_said_and_not_called_absent() {
    let place = with_fault(status(403).on("/api/v1/configmaps")).await;
    let ran = place.run(&["diagnose", "worker"]).await;
    place.end().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("QUEUE_URL"), "{ran:?}");
    // The guide to the finding has its own title.
    let findings = ran.stdout.split("Guide:").next().unwrap();
    assert!(!findings.contains("does not exist"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_cut_or_half_written_does_not_take_the_answer_with_it() {
    for kind in [
        FaultKind::Cut { after: Some(900) },
        FaultKind::Cut { after: None },
        FaultKind::HalfBody { bytes: 700 },
    ] {
        let place = with_fault(Fault::new(kind).on("/api/v1/events").times(1)).await;
        let ran = place.run(&["ask", "why is api crashing?"]).await;
        place.end().await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("orders-db"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_given_up() {
    let place = with_fault(Fault::new(FaultKind::Hang)).await;
    let file = place.home.path().join("jamie.toml");
    std::fs::write(&file, "[kubernetes]\ntimeout_seconds = 1\n").unwrap();
    let path = file.display().to_string();
    let ran = place.run(&["--config", &path, "status"]).await;
    place.end().await;
    assert_failed(&ran, 5, &["127.0.0.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_in_one_log_line_is_read_as_its_beginning() {
    let place =
        with_fault(Fault::new(FaultKind::EndlessLine { bytes: 1 << 30 }).on("/api/v1/namespaces/shop/pods"))
            .await;
    let ran = place.run(&["logs", "cache"]).await;
    place.end().await;
    assert!(matches!(ran.code, 0 | 5), "{}", ran.stderr);
    assert!(ran.stdout.len() < 1 << 20, "{} bytes", ran.stdout.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let place = Place::demo().await;
    let well = place.run(&["doctor"]).await;
    place.estate.faults().add(status(403).on("/api/v1/secrets"));
    let limited = place.run(&["doctor", "-o", "json"]).await;
    place.estate.stop().await;
    let away = crate::run::run(place.home.path(), &["doctor"], b"").await;
    assert_eq!(well.code, 0, "{well:?}");
    assert!(well.stdout.contains("Kubernetes"), "{well:?}");
    assert!(
        limited.stdout.contains("Secret") && limited.stdout.contains("limited"),
        "{limited:?}"
    );
    assert_eq!(away.code, 5, "{away:?}");
    assert!(away.stdout.contains("127.0.0.1"), "{away:?}");
}
