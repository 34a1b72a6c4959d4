//! The system bus of Linux. There may be none, and one that ends may come back.

use zbus::Connection;

use super::logind::{self, Delay};
use super::network_manager;
use super::sources::{Patience, Tell};

/// Listens to whoever tells something there.
pub(super) async fn listen(tell: Tell, delay: Delay) {
    let mut patience = Patience::new("the system bus");
    loop {
        match Connection::system().await {
            Ok(connection) => {
                patience.found();
                let end = tokio::select! {
                    () = logind::listen(&connection, &tell, &delay) => None,
                    end = network_manager::listen(&connection, &tell) => end.err(),
                };
                logind::lost(&tell, &delay);
                let why = end.map_or_else(|| "the system bus has ended".to_owned(), |error| error.to_string());
                patience.missing(&why);
            }
            Err(error) => patience.missing(&error),
        }
        patience.wait().await;
    }
}
