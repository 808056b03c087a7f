//! Slows down guessing: attempts cost, per account and per address; a success gives the account's cost back.
//!
//! Time is given by the caller. Memory is bounded: see [`KEYS`].

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, net::IpAddr, time::Duration};
use wire::Timestamp;

/// Accounts, and addresses, remembered at most. When full, those that owe nothing are forgotten, and if there are none,
/// the one that owes least: a flood of names makes no memory and frees nobody who guesses hard.
const KEYS: usize = 16_384;

/// How often something may be done: `burst` times at once, then once every `interval`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// Then one each.
    pub interval: Duration,
}

/// Guesses of one account's password: 10, then two a minute.
const ACCOUNT: Rate = Rate {
    burst: 10,
    interval: Duration::from_secs(30),
};
/// Attempts from one address, which may be an office behind one router: 100, then one a second.
const ADDRESS: Rate = Rate {
    burst: 100,
    interval: Duration::from_secs(1),
};

/// Log-in attempts, per account and per address.
#[derive(Debug)]
pub struct LogInThrottle {
    accounts: Throttle,
    addresses: Throttle,
}

impl Default for LogInThrottle {
    fn default() -> Self {
        Self {
            accounts: Throttle::new(ACCOUNT),
            addresses: Throttle::new(ADDRESS),
        }
    }
}

impl LogInThrottle {
    /// Counts an attempt from this address; else how long to wait.
    pub fn attempt_from(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.addresses.take(&network(address), now)
    }

    /// Counts an attempt on this account, known or not; else how long to wait.
    pub fn attempt_on(&self, email: &str, now: Timestamp) -> Result<(), Duration> {
        self.accounts.take(email.as_bytes(), now)
    }

    /// The password was right: the attempt was no guess.
    pub fn succeeded(&self, email: &str) {
        self.accounts.give_back(email.as_bytes());
    }
}

/// An IPv6 customer has a whole /64 to call from.
fn network(address: IpAddr) -> [u8; 8] {
    let mut network = [0; 8];
    match address.to_canonical() {
        IpAddr::V4(v4) => network
            .iter_mut()
            .zip(v4.octets())
            .for_each(|(to, from)| *to = from),
        IpAddr::V6(v6) => network
            .iter_mut()
            .zip(v6.octets())
            .for_each(|(to, from)| *to = from),
    }
    network
}

/// A bounded set of leaky buckets. Each key's value is the time when its bucket will be empty (GCRA).
#[derive(Debug)]
struct Throttle {
    rate: Rate,
    // A hash of the key: e-mail addresses are not kept, and every key has one size.
    empty_at: Mutex<HashMap<[u8; 16], Timestamp>>,
}

impl Throttle {
    fn new(rate: Rate) -> Self {
        Self {
            rate,
            empty_at: Mutex::default(),
        }
    }

    fn take(&self, key: &[u8], now: Timestamp) -> Result<(), Duration> {
        let mut buckets = self.empty_at.lock();
        let key = fingerprint(key);
        let filled = buckets
            .get(&key)
            .copied()
            .unwrap_or(now)
            .max(now)
            .plus(self.rate.interval);
        let full = now.plus(self.rate.interval.saturating_mul(self.rate.burst));
        if filled > full {
            return Err(Duration::from_millis(
                filled.as_millis().saturating_sub(full.as_millis()),
            ));
        }
        if buckets.len() >= KEYS && !buckets.contains_key(&key) {
            buckets.retain(|_, empty_at| *empty_at > now);
            if buckets.len() >= KEYS {
                let least = buckets
                    .iter()
                    .min_by_key(|(_, empty_at)| **empty_at)
                    .map(|(key, _)| *key);
                least.and_then(|key| buckets.remove(&key));
            }
        }
        buckets.insert(key, filled);
        Ok(())
    }

    fn give_back(&self, key: &[u8]) {
        let mut buckets = self.empty_at.lock();
        if let Some(empty_at) = buckets.get_mut(&fingerprint(key)) {
            *empty_at = empty_at.minus(self.rate.interval);
        }
    }
}

fn fingerprint(key: &[u8]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(key).into();
    let mut short = [0; 16];
    short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn ten_guesses_then_two_a_minute() {
        let throttle = LogInThrottle::default();
        for guess in 1..=10 {
            assert_eq!(throttle.attempt_on("a@b.c", NOW), Ok(()), "guess {guess}");
        }
        assert_eq!(throttle.attempt_on("a@b.c", NOW), Err(Duration::from_secs(30)));
        assert_eq!(
            throttle.attempt_on("other@b.c", NOW),
            Ok(()),
            "others are not concerned"
        );
        let later = NOW.plus(Duration::from_secs(30));
        assert_eq!(throttle.attempt_on("a@b.c", later), Ok(()));
        assert_eq!(throttle.attempt_on("a@b.c", later), Err(Duration::from_secs(30)));
    }

    #[test]
    fn who_knows_the_password_signs_in_as_often_as_they_like() {
        let throttle = LogInThrottle::default();
        for _ in 0..1_000 {
            assert_eq!(throttle.attempt_on("a@b.c", NOW), Ok(()));
            throttle.succeeded("a@b.c");
        }
    }

    #[test]
    fn an_ipv6_customer_is_one_address_however_many_they_use() {
        let throttle = LogInThrottle::default();
        let attempt = |address: &str| throttle.attempt_from(address.parse().unwrap(), NOW);
        for n in 0..100 {
            assert_eq!(attempt(&format!("2001:db8::{n:x}")), Ok(()));
        }
        assert!(attempt("2001:db8::ffff").is_err());
        assert_eq!(attempt("2001:db8:0:1::1"), Ok(()), "a neighbour is not concerned");
        assert_eq!(attempt("192.0.2.1"), Ok(()));
    }

    #[test]
    fn a_flood_of_names_takes_no_memory_and_frees_nobody() {
        let throttle = Throttle::new(ACCOUNT);
        while throttle.take(b"guessed", NOW).is_ok() {}
        for n in 0..KEYS + 100 {
            assert_eq!(throttle.take(&n.to_be_bytes(), NOW), Ok(()));
        }
        assert_eq!(throttle.empty_at.lock().len(), KEYS);
        assert!(throttle.take(b"guessed", NOW).is_err());
        let later = NOW.plus(ACCOUNT.interval * 20);
        assert_eq!(throttle.take(b"somebody new", later), Ok(()));
        assert_eq!(throttle.empty_at.lock().len(), 1, "who owes nothing is forgotten");
    }
}
