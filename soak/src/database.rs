//! Where the nodes keep everything, and how they reach it: a MongoDB through a proxy of their own.

use crate::Done;
use crate::stand_in::StandIn;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where databases come from that nobody has used.
#[derive(Debug, Clone)]
pub enum Source {
    /// They are files.
    Sqlite,
    /// The server at this URI has them.
    Server(String),
    /// Each is a stand-in of its own, made by this program.
    StandIn(PathBuf),
}

/// A database that nobody has used.
#[derive(Debug)]
pub struct Fresh {
    /// Where it is.
    pub database: Database,
    /// Ends with it.
    _stand_in: Option<StandIn>,
}

impl Source {
    /// A MongoDB if there is one: a server before a stand-in.
    pub fn remote(uri: Option<&str>, stand_in: Option<&PathBuf>) -> Option<Self> {
        match (uri, stand_in) {
            (Some(uri), _) => Some(Self::Server(uri.to_owned())),
            (None, Some(program)) => Some(Self::StandIn(program.clone())),
            (None, None) => None,
        }
    }

    /// A fresh one, by a name that nobody else gives.
    ///
    /// # Errors
    /// There is none to be had.
    pub async fn fresh(&self, name: &str) -> Done<Fresh> {
        let mut stand_in = None;
        let uri = match self {
            Self::Sqlite => None,
            Self::Server(uri) => Some(uri.clone()),
            Self::StandIn(program) => Some(stand_in.insert(StandIn::start(program).await?).uri.clone()),
        };
        let database = match uri {
            None => Database::Sqlite,
            Some(uri) => Database::Mongodb(Mongodb::at(&uri, name.replace('.', "_")).await?),
        };
        Ok(Fresh {
            database,
            _stand_in: stand_in,
        })
    }
}

/// Where the nodes keep everything.
#[derive(Debug, Clone)]
pub enum Database {
    /// In a file of the only node.
    Sqlite,
    /// In a server that speaks MongoDB's protocol.
    Mongodb(Mongodb),
}

/// A database in a server that speaks MongoDB's protocol.
#[derive(Debug, Clone)]
pub struct Mongodb {
    /// Where it listens.
    pub address: SocketAddr,
    /// What to call its database.
    pub name: String,
    /// In front of the address: the scheme, and who calls.
    before: String,
    /// Behind it.
    options: String,
}

impl Mongodb {
    /// The database `name` at a URI.
    ///
    /// # Errors
    /// The URI is not of one server, or the server's name is not known.
    pub async fn at(uri: &str, name: String) -> Done<Self> {
        let (before, host, options) = parts(uri).ok_or_else(|| {
            format!(
                "MONGODB_URI is to name one server, mongodb://host:port/?options; {} hosts were found",
                uri.split(',').count()
            )
        })?;
        let with_port = if host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:27017")
        };
        let address = tokio::net::lookup_host(&with_port).await?.next();
        Ok(Self {
            address: address.ok_or_else(|| format!("{host} has no address"))?,
            name,
            before: before.to_owned(),
            options: options.to_owned(),
        })
    }

    /// The URI by which a client reaches it through `proxy`.
    pub fn through(&self, proxy: SocketAddr) -> String {
        // A replica set's members say where they are: past the proxy.
        let direct = "directConnection=true";
        if self.options.contains(direct) {
            return format!("{}{proxy}/?{}", self.before, self.options);
        }
        let and = if self.options.is_empty() { "" } else { "&" };
        format!("{}{proxy}/?{}{and}{direct}", self.before, self.options)
    }

    /// The URI without a proxy.
    pub fn uri(&self) -> String {
        self.through(self.address)
    }
}

/// What stands before the host, the host, and the options.
fn parts(uri: &str) -> Option<(&str, &str, &str)> {
    let rest = uri.strip_prefix("mongodb://")?;
    let (server, options) = match rest.split_once('/') {
        Some((server, tail)) => (server, tail.split_once('?').map_or("", |(_, options)| options)),
        None => (rest, ""),
    };
    let host = server.rsplit_once('@').map_or(server, |(_, host)| host);
    let before = uri
        .split_at_checked(uri.find(server)? + server.len() - host.len())?
        .0;
    (!host.is_empty() && !host.contains(',')).then_some((before, host, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn through(uri: &str) -> String {
        let database = Mongodb::at(uri, "soak".into()).await.unwrap();
        database.through(SocketAddr::from(([127, 0, 0, 1], 9)))
    }

    #[tokio::test]
    async fn a_uri_leads_through_the_proxy_with_all_that_it_says() {
        assert_eq!(
            through("mongodb://127.0.0.1:27018").await,
            "mongodb://127.0.0.1:9/?directConnection=true"
        );
        assert_eq!(
            through("mongodb://127.0.0.1:27018/?directConnection=true").await,
            "mongodb://127.0.0.1:9/?directConnection=true"
        );
        assert_eq!(
            through("mongodb://ann:pw@127.0.0.1/admin?replicaSet=parlance").await,
            "mongodb://ann:pw@127.0.0.1:9/?replicaSet=parlance&directConnection=true"
        );
    }

    #[tokio::test]
    async fn several_hosts_do_not_fit_behind_one_proxy() {
        for uri in [
            "mongodb://one:1,two:2/",
            "mongodb+srv://one/",
            "http://one",
            "mongodb:///x",
        ] {
            assert!(Mongodb::at(uri, "soak".into()).await.is_err(), "{uri}");
        }
    }
}
