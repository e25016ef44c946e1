//! A real server that speaks S3 (moto), started for one test on a port of its own, and what is in its bucket.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jamie_memory::{Bucket, IndexAt, Keys};
use reqwest::{Method, StatusCode};

/// The bucket of every test; each has a server of its own.
const NAME: &str = "jamie-index";

/// A server; it ends with the test.
pub(crate) struct ObjectStore {
    server: Option<Child>,
    port: u16,
}

/// The Python that has moto.
fn python() -> PathBuf {
    let python = std::env::var_os("JAMIE_TEST_S3_PYTHON").map_or_else(
        || {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            home.join(".cache/jamie/venv-s3/bin/python")
        },
        PathBuf::from,
    );
    assert!(
        python.is_file(),
        "{} is missing: run `make setup`, or name a Python that has moto[server] in JAMIE_TEST_S3_PYTHON",
        python.display()
    );
    python
}

impl ObjectStore {
    /// A server with an empty bucket.
    pub(crate) async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut store = Self { server: None, port };
        store.serve().await;
        store
    }

    /// Starts the server again, with an empty bucket on the same port.
    pub(crate) async fn serve(&mut self) {
        let server = Command::new(python())
            .args([
                "-m",
                "moto.server",
                "-H",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server = Some(server);
        let started = Instant::now();
        while reqwest::get(format!("{}/moto-api/data.json", self.endpoint()))
            .await
            .is_err()
        {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none(),
                "moto ended with {ended:?}: is it installed? `make setup` does that"
            );
            assert!(started.elapsed() < Duration::from_mins(1), "moto does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let made = self.request(Method::PUT, "").send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
    }

    /// Ends the server, with everything in it.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A request as somebody; moto looks at the form of a signature alone.
    fn request(&self, method: Method, behind: &str) -> reqwest::RequestBuilder {
        const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=jamie/20260101/us-east-1/s3/aws4_request, \
                              SignedHeaders=host, Signature=0";
        reqwest::Client::new()
            .request(method, format!("{}/{NAME}{behind}", self.endpoint()))
            .header("Authorization", SIGNED)
    }

    /// An index below a prefix of the bucket.
    pub(crate) fn at(&self, prefix: &str) -> IndexAt {
        let mut bucket = Bucket::named(&format!("s3://{NAME}/{prefix}")).unwrap();
        bucket.endpoint = Some(self.endpoint());
        bucket.region = Some("us-east-1".to_owned());
        bucket.allow_http = true;
        bucket.keys = Some(Keys {
            id: "jamie".into(),
            secret: "jamie".into(),
            token: None,
        });
        IndexAt::Bucket(bucket)
    }

    /// Every object of the bucket, by key.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let after = keys.last().cloned().unwrap_or_default();
            let listed = self
                .request(Method::GET, &format!("?list-type=2&start-after={after}"))
                .send()
                .await
                .unwrap();
            let listed = listed.text().await.unwrap();
            let page: Vec<&str> = listed
                .split("<Key>")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once("</Key>")?.0))
                .collect();
            keys.extend(page.iter().map(|key| (*key).to_owned()));
            if page.is_empty() || !listed.contains("<IsTruncated>true") {
                return keys;
            }
        }
    }

    /// An object's bytes; none where it has gone since it was listed.
    pub(crate) async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let object = self
            .request(Method::GET, &format!("/{key}"))
            .send()
            .await
            .unwrap();
        if object.status() == StatusCode::NOT_FOUND {
            return None;
        }
        assert!(object.status().is_success(), "{key}: {object:?}");
        Some(object.bytes().await.unwrap().to_vec())
    }

    /// Writes an object.
    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) {
        let request = self.request(Method::PUT, &format!("/{key}")).body(bytes);
        assert!(request.send().await.unwrap().status().is_success(), "{key}");
    }

    /// Every object that has these bytes, in small letters, in its key or in itself; and how many objects there are.
    pub(crate) async fn with(&self, marker: &str) -> (Vec<String>, usize) {
        let keys = self.keys().await;
        let mut found = Vec::new();
        for key in &keys {
            let mut bytes = self.get(key).await.unwrap_or_default();
            bytes.extend(key.as_bytes());
            bytes.make_ascii_lowercase();
            if bytes.windows(marker.len()).any(|some| some == marker.as_bytes()) {
                found.push(key.clone());
            }
        }
        (found, keys.len())
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        self.kill();
    }
}
