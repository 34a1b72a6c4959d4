//! Puts the rooms together: routes, the way every request goes, start and stop.

use crate::access::Access;
use crate::channels::Hub;
use crate::clock::{Clock, http_date, ms};
use crate::connection::{Door, WireHandle, Wires};
use crate::control::{Control, http};
use crate::faults::Faults;
use crate::ids::{Ids, secret_word};
use crate::limits::Limits;
use crate::log::{Log, LoggedRequest, without_secrets};
use crate::oauth::{Oauth, OauthRules, authorize, token};
use crate::options::Options;
use crate::rest::{self, auth::bearer, errors};
use crate::script::player::Player;
use crate::socket;
use crate::state::{Shared, State};
use crate::world::offer::named_agent;
use crate::world::{Rules, World};
use axum::extract::{ConnectInfo, Request, State as Extract};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::Listener;
use axum::{Router, serve};
use secrecy::SecretString;
use std::future::IntoFuture as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port, or it is not allowed.
    #[error("port {port} of 127.0.0.1 cannot be used: {source}. Choose another one, or 0 for any free one.")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The one who consents by itself is nobody.
    #[error("{0}")]
    Options(String),
}

/// A running simulator. Dropping it ends it without waiting; [`Simulator::stop`] waits.
#[derive(Debug)]
pub struct Simulator {
    shared: Shared,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    driver: JoinHandle<()>,
}

impl Simulator {
    /// Starts on 127.0.0.1.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let failed = |source| StartError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        Self::start_on(listener, options)
    }

    /// Starts on a listener that is there already, be it of the real or of a simulated network. Must be called on a
    /// Tokio runtime; with its clock paused the whole contact centre lives in virtual time. [`Options::port`] is not
    /// used.
    pub fn start_on<L>(listener: L, options: Options) -> Result<Self, StartError>
    where
        L: Listener<Addr = SocketAddr>,
    {
        let consent_user = named_agent(options.consent_user.as_deref()).map_err(StartError::Options)?.unwrap_or(0);
        let port = options.port;
        let address = listener.local_addr().map_err(|source| StartError::Port { port, source })?;
        let wires = Wires::default();
        let base_url = options.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let token = options.control_token.clone().unwrap_or_else(|| SecretString::from(secret_word()));
        let heartbeat = socket::sane_heartbeat(options.heartbeat);
        let state = state(options, consent_user);
        let shared = Shared::new(state, wires.clone(), token, heartbeat, base_url);

        let app = router(&shared).into_make_service_with_connect_info::<WireHandle>();
        let (stop, stopped) = oneshot::channel::<()>();
        let door = Door { listener, wires };
        let serving = serve(door, app).with_graceful_shutdown(async {
            // A dropped sender means the same: end.
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move {
            if let Err(error) = serving.into_future().await {
                tracing::error!(%error, "the simulator's server ended");
            }
        });
        let driver = tokio::spawn(shared.clone().drive());
        Ok(Self { shared, address, stop: Some(stop), server, driver })
    }

    /// Login and API: `http://127.0.0.1:PORT`, or [`Options::base_url`].
    pub fn base_url(&self) -> String {
        self.shared.base_url().to_owned()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle that makes things happen.
    pub fn control(&self) -> Control {
        Control(self.shared.clone())
    }

    /// The token of the control API.
    pub fn control_token(&self) -> &SecretString {
        self.shared.control_token()
    }

    /// Ends it; every connection is gone afterwards.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.shared.with(|state| state.hub.drop_sockets(None));
        self.shared.wires().abort_all(None);
        // Connections end by themselves now; one that does not is not waited for.
        let ended = tokio::time::timeout(Duration::from_secs(5), &mut self.server).await;
        if ended.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.driver.abort();
        self.shared.with(|state| state.hub.drop_sockets(None));
        self.shared.wires().abort_all(None);
        self.server.abort();
    }
}

fn state(options: Options, consent_user: usize) -> State {
    let clock = Clock::start(options.starts_at);
    let now = clock.now();
    let rules = Rules {
        answer_delay: ms(options.answer_delay),
        alerting: ms(options.alerting),
        wrapup: options.wrapup.map(ms),
        ended_kept: ms(options.ended_kept),
        on_queue: options.on_queue,
    };
    let oauth = OauthRules {
        lifetime: ms(options.token_lifetime),
        idle: options.idle_timeout.map(ms),
        early: None,
        refresh_for_pkce: options.refresh_for_pkce,
        rotate: options.rotate_refresh,
        auto_consent: options.auto_consent,
        consent_user,
        redirect_uris: options.redirect_uris,
    };
    let seed = options.seed;
    State {
        clock,
        world: World::new(now, rules, Ids::new(seed)),
        hub: Hub::new(ms(options.channel_lifetime), options.channels_per_user, options.seed),
        oauth: Oauth::new(oauth, options.seed),
        faults: Faults::default(),
        access: Access {
            socket_idle: options.socket_idle.map(ms),
            stale_upgrade: options.stale_upgrade_status,
            analytics_lag: ms(options.analytics_lag),
            ..Access::default()
        },
        ids: Ids::new(seed),
        limits: Limits::new(options.rate_limit),
        log: Log::default(),
        player: options.script.map(|script| Player::new(script, Ids::new(seed), now)),
        offline: false,
        close_later: Vec::new(),
    }
}

fn router(shared: &Shared) -> Router {
    rest::router()
        .route("/oauth/authorize", get(authorize::page).post(authorize::decide))
        .route("/oauth/token", post(token::token))
        .route("/logout", get(|| async { "Signed out of the simulator." }))
        .route("/channels/{channel}", get(socket::upgrade))
        .layer(from_fn_with_state(shared.clone(), way))
        .merge(http::router(shared))
        .with_state(shared.clone())
}

/// The way of every request but those of the control API: offline, faults, answer, log.
async fn way(
    Extract(shared): Extract<Shared>,
    ConnectInfo(WireHandle(wire)): ConnectInfo<WireHandle>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().filter(|_| path.starts_with("/api/v2")).map(str::to_owned);
    let word = bearer(request.headers()).map(str::to_owned);
    let (offline, failure, agent) = shared.with(|state| {
        let now = state.now();
        let agent = word.as_deref().and_then(|w| state.oauth.owner(w)).map(|u| state.world.agents[u].profile.name);
        (state.offline, state.faults.request(now, &method, &path), agent)
    });
    if offline {
        wire.abort();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut response = match failure {
        None => next.run(request).await,
        Some(failure) => {
            if failure.hang {
                // Held until the client gives up and its connection, with this future, goes away.
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(u64::try_from(failure.delay).unwrap_or(0))).await;
            if failure.status == 0 { next.run(request).await } else { errors::fault_response(&failure) }
        }
    };
    if path.starts_with("/api/v2")
        && !response.headers().contains_key(&errors::CORRELATION)
        && let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string())
    {
        response.headers_mut().insert(errors::CORRELATION, id);
    }
    if let Some(date) = shared.peek(|state| state.faults.skew(&path).map(|by| http_date(state.now() + by)))
        && let Ok(date) = HeaderValue::from_str(&date)
    {
        response.headers_mut().insert(header::DATE, date);
    }
    let status = response.status().as_u16();
    let logged = LoggedRequest {
        at: String::new(),
        method,
        path: without_secrets(&path),
        query,
        status,
        agent: agent.map(str::to_owned),
    };
    shared.with(|state| {
        let now = state.now();
        state.log.add(now, logged);
    });
    response
}
