use portcullis::oauth::device::{MAIN_POOL, UserCode};
use portcullis_types::id::pool_id;

use super::PATH;

const PREFIX: &str = "device.";

/// The way back to the page where a code is entered, for somebody who signs in first. It travels as the parameter `request` of the
/// sign-in pages, where sealed requests of applications do, none of which holds a dot. There is nothing in it but a pool and a
/// code, each read strictly: it leads to one path of ours, wherever it comes from (AS-22), and opening that allows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct WayBack {
    pub(in crate::pages) pool: String,
    user_code: Option<UserCode>,
}

impl WayBack {
    /// To enter what was typed, or is in the address; if it cannot be a code, to enter one.
    pub(in crate::pages) fn new(pool: &str, typed: &str) -> Self {
        Self { pool: pool.to_owned(), user_code: UserCode::parse(typed) }
    }

    /// Reads the parameter. `None` if it is another request.
    pub(in crate::pages) fn read(request: &str) -> Option<Self> {
        let (code, pool) = request.strip_prefix(PREFIX)?.split_once('.')?;
        pool_id(pool).ok()?;
        let way = Self::new(pool, code);
        (way.request() == request).then_some(way)
    }

    /// The parameter.
    pub(in crate::pages) fn request(&self) -> String {
        format!("{PREFIX}{}.{}", self.code(), self.pool)
    }

    /// Where it leads.
    pub(in crate::pages) fn path(&self) -> String {
        let pool = (self.pool != MAIN_POOL).then(|| format!("pool={}", self.pool));
        let code = self.user_code.map(|code| format!("user_code={code}"));
        let query: Vec<String> = pool.into_iter().chain(code).collect();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", query.join("&")) }
    }

    /// The code as it is shown; empty if there is none.
    pub(in crate::pages) fn code(&self) -> String {
        self.user_code.map(|code| code.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_22_the_way_back_leads_to_one_path_of_ours() {
        for (pool, typed, path) in [
            ("main", "bcdf ghjk", "/device?user_code=BCDF-GHJK"),
            ("main", "https://evil.example", "/device"),
            ("staff", "", "/device?pool=staff"),
            ("staff", "BCDF-GHJK", "/device?pool=staff&user_code=BCDF-GHJK"),
        ] {
            let way = WayBack::new(pool, typed);
            assert_eq!(way.path(), path);
            assert_eq!(WayBack::read(&way.request()), Some(way));
        }
        for other in [
            "",
            "device",
            "device.",
            "device.BCDF-GHJK",
            "device.bcdfghjk.main",
            "device..//evil",
            "device..a b",
            "x.y",
        ] {
            assert_eq!(WayBack::read(other), None, "{other}");
        }
    }
}
