#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::read;

/// What a log's signature is, in words; the deciding message where there is none.
fn says(log: &str) -> String {
    let reading = read(log);
    reading
        .signature
        .map(|signature| signature.describe())
        .or(reading.deciding.map(|record| format!("“{}”", record.message)))
        .unwrap_or_else(|| "nothing".into())
}

#[test]
fn logs_of_many_makes_are_read() {
    let cases = [
        "2026-11-22T10:00:00.1Z panic: DATABASE_URL is not set\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 +0x1d\nexit status 2",
        "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    url = os.environ['REDIS_URL']\n  File \"/usr/lib/python3.11/os.py\", line 680, in __getitem__\n    raise KeyError(key) from None\nKeyError: 'REDIS_URL'",
        "node:internal/modules/cjs/loader:1080\n  throw err;\n  ^\n\nError: Cannot find module 'express'\nRequire stack:\n- /app/server.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1077:15)",
        "Error: connect ECONNREFUSED 10.96.14.7:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
        "dial tcp: lookup orders-db on 10.96.0.10:53: no such host",
        "2026/11/22 10:00:00 failed to connect to `host=ledger-db user=ledger database=ledger`: dial tcp 10.1.2.3:5432: connect: connection refused",
        "psycopg2.OperationalError: connection to server at \"pg.data.svc\" (10.0.0.5), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
        "Exception in thread \"main\" java.lang.IllegalStateException: boot failed\n\tat a.b.C.main(C.java:1)\nCaused by: java.net.UnknownHostException: kafka-broker: Name or service not known\n\tat java.net.Inet4AddressImpl",
        "Caused by: java.lang.OutOfMemoryError: Java heap space",
        "FATAL: password authentication failed for user \"till\"",
        "{\"level\":\"error\",\"ts\":\"2026-11-22T10:00:00Z\",\"msg\":\"startup failed\",\"error\":\"open /etc/till/tls.crt: no such file or directory\"}",
        "nginx: [emerg] host not found in upstream \"api-backend\" in /etc/nginx/conf.d/default.conf:12",
        "nginx: [emerg] unknown directive \"servr_name\" in /etc/nginx/nginx.conf:31",
        "bind: address already in use: 0.0.0.0:8080",
        "Error: listen EADDRINUSE: address already in use :::3000",
        "error: pods is forbidden: User \"system:serviceaccount:ci:runner\" cannot list resource \"pods\" in API group \"\" in the namespace \"ci\"",
        "x509: certificate has expired or is not yet valid: current time 2026-11-22 is after 2026-11-01",
        "OSError: [Errno 28] No space left on device: '/data/wal/0001'",
        "mkdir: cannot create directory '/data/cache': Read-only file system",
        "exec /app/server: exec format error",
        "Error: Unknown flag: --lisen-addr",
        "thread 'main' panicked at src/main.rs:10:5:\ncalled `Option::unwrap()` on a `None` value",
        "Microsoft.Data.SqlClient.SqlException (0x80131904): Login failed for user 'sa'.\n   at Microsoft.Data.SqlClient.SqlInternalConnection",
        "ERROR: relation \"tickets\" does not exist at character 15",
        "Flyway: Migration V12__add_index.sql failed",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "ActiveRecord::ConnectionNotEstablished: could not translate host name \"pg-main\" to address: Name or service not known",
        "level=error msg=\"could not start\" err=\"missing required environment variable STRIPE_KEY\"",
        "Could not resolve placeholder 'spring.datasource.url' in value \"${spring.datasource.url}\"",
        "redis.exceptions.ConnectionError: Error 111 connecting to session-cache:6379. Connection refused.",
        "INFO ready\nINFO processed 12 items, 0 errors\nINFO failover complete",
    ];
    let read: Vec<String> = cases
        .iter()
        .map(|log| format!("{}\n  → {}", log.lines().next().unwrap(), says(log)))
        .collect();
    insta::assert_snapshot!(read.join("\n"));
}

#[test]
fn a_huge_line_and_odd_bytes_are_bounded() {
    let log = "x".repeat(3_000_000) + "\nERROR 🦀 \u{0}é ünïcode\n";
    let reading = read(&log);
    assert_eq!(reading.records, 2);
    assert!(reading.around.iter().all(|line| line.len() <= 4_096));
}
