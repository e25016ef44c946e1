//! Redis for tests: the machine's own with a prefix for each test, or a private server that can be killed and held still.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jamie_memory::cache::Redis;

/// The server of `make test`, or the one that is named.
pub(crate) fn shared() -> String {
    std::env::var("JAMIE_TEST_REDIS").unwrap_or_else(|_| "redis://127.0.0.1:6379/15".to_owned())
}

/// Keys of a test on the shared server; they are removed in the end.
pub(crate) struct Keys {
    pub(crate) prefix: String,
    url: String,
}

impl Keys {
    /// On the machine's server, which must run.
    pub(crate) async fn new() -> Self {
        let keys = Self::on(&shared());
        let answers = keys.cache().ping().await;
        assert!(
            answers.is_ok(),
            "{answers:?}: run `make setup`, or name a Redis in JAMIE_TEST_REDIS"
        );
        keys
    }

    pub(crate) fn on(url: &str) -> Self {
        let random = tempfile::Builder::new().rand_bytes(12).tempdir().unwrap();
        let name = random.path().file_name().unwrap().to_string_lossy().into_owned();
        Self {
            prefix: format!("jamie-test{name}"),
            url: url.to_owned(),
        }
    }

    pub(crate) fn cache(&self) -> Redis {
        Redis::new(&self.url.clone().into(), &self.prefix).unwrap()
    }

    async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url.as_str()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// Every key below the prefix with what is in it; of events, nothing.
    pub(crate) async fn all(&self) -> Vec<(String, Vec<u8>)> {
        let mut connection = self.connection().await;
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg(format!("{}:*", self.prefix))
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut all = Vec::new();
        for key in keys {
            let value: redis::RedisResult<Option<Vec<u8>>> =
                redis::cmd("GET").arg(&key).query_async(&mut connection).await;
            all.push((key, value.ok().flatten().unwrap_or_default()));
        }
        all
    }

    /// How many keys or values hold these bytes, in small letters.
    pub(crate) async fn with(&self, marker: &str) -> usize {
        let all = self.all().await;
        all.iter()
            .filter(|(key, value)| {
                let whole = [key.as_bytes(), value].concat().to_ascii_lowercase();
                whole.windows(marker.len()).any(|some| some == marker.as_bytes())
            })
            .count()
    }

    pub(crate) async fn remove_all(&self) {
        let mut connection = self.connection().await;
        for (key, _) in self.all().await {
            let _: i64 = redis::cmd("DEL")
                .arg(key)
                .query_async(&mut connection)
                .await
                .unwrap();
        }
    }
}

/// A private server; it ends with the test.
pub(crate) struct Server {
    port: u16,
    child: Option<Child>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut server = Self { port, child: None };
        server.serve().await;
        server
    }

    /// Starts it, empty, on its port.
    pub(crate) async fn serve(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.expect("redis-server cannot be started: run `make setup`"));
        let begun = Instant::now();
        while Keys::on(&self.url()).cache().ping().await.is_err() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "redis-server does not answer"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Holds it still: it keeps its connections and what is in it, accepts more, and answers nothing.
    pub(crate) fn hold(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub(crate) fn let_go(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
