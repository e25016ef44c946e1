//! A cache in Redis, for every replica that uses the same prefix.
//!
//! A server that does not answer costs one request a fraction of a second. Then it is left alone, and every request fails
//! at once, until a look after it behind the answers has found it well.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jamie_core::{
    Cache, Error, ErrorKind, Result,
    cache::{Counted, Limit},
};
use redis::{
    Client, Cmd, ErrorKind as Kind, FromRedisValue, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret, SecretString};

use super::circuit::{Circuit, Way};
use crate::identity::unique;

/// The longest that an answer waits for the server.
const WAIT: Duration = Duration::from_millis(200);
/// The longest that a look after the server takes, behind the answers.
const LOOK: Duration = Duration::from_secs(2);

/// Counts one event against all limits or none, by the server's clock; gives the number of the limit that is reached,
/// from 1, and in how many microseconds there is room again.
const COUNT: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
for i, key in ipairs(KEYS) do
  local window, most = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local there = redis.call('ZCARD', key)
  if there >= most then
    if most == 0 then return {i, window} end
    local frees = redis.call('ZRANGE', key, -most, -most, 'WITHSCORES')
    return {i, frees[2] + window - now}
  end
end
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[1])
  redis.call('PEXPIRE', key, math.ceil(tonumber(ARGV[2 * i]) / 1000))
end
return {0, 0}
";

/// A cache in Redis; cheap to clone.
#[derive(Clone)]
pub struct Redis {
    server: Arc<Server>,
}

struct Server {
    client: Client,
    prefix: String,
    /// What people call it; no secret in it.
    place: String,
    connection: Mutex<Option<ConnectionManager>>,
    circuit: Circuit,
    count: Script,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("place", &self.server.place)
            .field("prefix", &self.server.prefix)
            .finish_non_exhaustive()
    }
}

impl Redis {
    /// The server at `redis://[user:password@]host:port/database`, or `rediss://` for TLS; every key begins with `prefix`.
    /// Nothing is sent yet.
    pub fn new(url: &SecretString, prefix: &str) -> Result<Self> {
        // What the parser says may quote the password.
        let client = Client::open(url.expose_secret()).map_err(|_| {
            Error::new(ErrorKind::Config, "cache.url cannot be read")
                .with_hint("it is written redis://user:password@host:6379/0, or rediss:// for TLS")
        })?;
        if prefix.is_empty() || prefix.len() > 100 || prefix.chars().any(char::is_whitespace) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("{prefix:?} cannot be the prefix of keys"),
            )
            .with_hint("cache.prefix takes a short word, the same for all replicas that share"));
        }
        let info = client.get_connection_info();
        let place = format!("{}, database {}", info.addr(), info.redis_settings().db());
        Ok(Self {
            server: Arc::new(Server {
                place,
                client,
                prefix: prefix.to_owned(),
                connection: Mutex::default(),
                circuit: Circuit::default(),
                count: Script::new(COUNT),
            }),
        })
    }

    /// Where it is, for people to read; no secret in it.
    pub fn place(&self) -> &str {
        &self.server.place
    }

    /// Whether it answers; asks it, whatever is known of it.
    pub async fn ping(&self) -> Result<()> {
        self.server.look().await
    }

    /// Sends what `ask` asks, if the server is worth asking.
    async fn send<T, F>(&self, ask: impl FnOnce(ConnectionManager) -> F + Send) -> Result<T>
    where
        F: Future<Output = redis::RedisResult<T>> + Send,
    {
        match self.server.circuit.way() {
            Way::Open => {}
            way => {
                if way == Way::ClosedAndDue {
                    self.look_after();
                }
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    format!(
                        "{} has failed, and is left alone for a moment",
                        self.server.name()
                    ),
                ));
            }
        }
        let asked = async {
            let connection = self.server.connection()?;
            ask(connection).await
        };
        let error = match tokio::time::timeout(WAIT, asked).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => self.server.fault(error),
            Err(_) => self.server.silent(),
        };
        self.server.hang_up();
        if self.server.circuit.failed() {
            let hint = "each replica counts and remembers for itself until it is back";
            tracing::warn!(%error, hint, "the shared cache fails");
        }
        Err(error)
    }

    /// Looks, behind the answers, whether the server is well again.
    fn look_after(&self) {
        let server = Arc::clone(&self.server);
        tokio::spawn(async move {
            match server.look().await {
                Ok(()) => {
                    server.circuit.mended();
                    tracing::info!(place = server.place, "the shared cache is back");
                }
                Err(_) => {
                    server.circuit.failed();
                }
            }
        });
    }

    async fn command<T: FromRedisValue + Send>(&self, command: Cmd) -> Result<T> {
        self.send(|mut connection| async move { command.query_async(&mut connection).await })
            .await
    }

    fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.server.prefix)
    }
}

impl Server {
    fn name(&self) -> String {
        format!("the cache in Redis at {}", self.place)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<ConnectionManager>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that all requests share; it is made with the first of them.
    fn connection(&self) -> redis::RedisResult<ConnectionManager> {
        let mut held = self.held();
        if let Some(connection) = held.as_ref() {
            return Ok(connection.clone());
        }
        jamie_core::tls::init();
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(LOOK))
            .set_response_timeout(Some(LOOK));
        let connection = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        *held = Some(connection.clone());
        Ok(connection)
    }

    /// Gives up the connection: one on which nothing comes any more looks like one that waits.
    fn hang_up(&self) {
        *self.held() = None;
    }

    async fn look(&self) -> Result<()> {
        self.hang_up();
        let asked = async {
            let mut connection = self.connection()?;
            redis::cmd("PING").query_async::<String>(&mut connection).await
        };
        let error = match tokio::time::timeout(LOOK, asked).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => self.fault(error),
            Err(_) => self.silent(),
        };
        self.hang_up();
        Err(error)
    }

    fn silent(&self) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!("{} did not answer in time", self.name()),
        )
        .with_hint("it may be overloaded; answers go on without it")
    }

    fn fault(&self, error: RedisError) -> Error {
        let (kind, what, hint) = match error.kind() {
            Kind::AuthenticationFailed => (
                ErrorKind::Unauthorized,
                "does not know this user or password",
                "check the user and the password in cache.url",
            ),
            _ if error.is_timeout() => return self.silent(),
            _ if error.is_io_error() || error.is_connection_dropped() => (
                ErrorKind::Unreachable,
                "cannot be reached",
                "check that the server runs and that cache.url names it; answers go on without it",
            ),
            _ => (
                ErrorKind::Unavailable,
                "refused a request",
                "see what its log says; answers go on without it",
            ),
        };
        Error::new(kind, format!("{} {what}: {error}", self.name()))
            .with_hint(hint)
            .with_source(error)
    }
}

#[async_trait]
impl Cache for Redis {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.command(Cmd::get(self.key(key))).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, lives: Duration) -> Result<()> {
        let lives = u64::try_from(lives.as_millis()).unwrap_or(u64::MAX).max(1);
        self.command(Cmd::pset_ex(self.key(key), value, lives)).await
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.command(Cmd::del(self.key(key))).await
    }

    async fn count(&self, limits: &[Limit]) -> Result<Counted> {
        if limits.is_empty() {
            return Ok(Counted::Within);
        }
        let mut invocation = self.server.count.prepare_invoke();
        invocation.arg(unique());
        for limit in limits {
            let window = u64::try_from(limit.window.as_micros()).unwrap_or(u64::MAX);
            invocation.key(self.key(&limit.key)).arg(window).arg(limit.most);
        }
        let invocation = &invocation;
        let (reached, again): (usize, u64) = self
            .send(|mut connection| async move { invocation.invoke_async(&mut connection).await })
            .await?;
        Ok(match reached.checked_sub(1) {
            None => Counted::Within,
            Some(limit) => Counted::Reached {
                limit,
                again: Duration::from_micros(again),
            },
        })
    }
}
