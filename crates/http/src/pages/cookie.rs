use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// What the cookies are called, and with which attributes they are set (spec `security-requirements.md` SE-02). Without https a browser
/// refuses the prefix `__Host-` and `Secure`, so that they are left out: for development only, and said loudly.
#[derive(Clone, Copy)]
pub(super) struct Cookies {
    /// Stands for the session of whoever is signed in.
    pub(super) session: &'static str,
    /// Tells this browser from others, before anybody is signed in.
    pub(super) binding: &'static str,
    secure: bool,
}

impl Cookies {
    pub(super) fn of(public_url: &str) -> Self {
        if is_https(public_url) {
            Self { session: "__Host-portcullis-session", binding: "__Host-portcullis-browser", secure: true }
        } else {
            Self { session: "portcullis-session", binding: "portcullis-browser", secure: false }
        }
    }

    /// The header that sets one, until the browser is closed. The value is of our own making: letters, digits, `-`, `_`, `.`.
    pub(super) fn set(self, name: &str, value: &str) -> Option<HeaderValue> {
        self.header(name, value, "")
    }

    /// The header that takes one away.
    pub(super) fn clear(self, name: &str) -> Option<HeaderValue> {
        self.header(name, "", "; Max-Age=0")
    }

    fn header(self, name: &str, value: &str, more: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Whether clients reach us over TLS.
pub(super) fn is_https(public_url: &str) -> bool {
    public_url.starts_with("https://")
}

/// Says at the start what the cookies lack.
pub(crate) fn log_cookies(public_url: &str) {
    if !is_https(public_url) {
        tracing::warn!(
            public_url,
            "cookies of the hosted pages are set without Secure and without the prefix __Host-, because public_url is not https: \
             for development only"
        );
    }
}

/// The cookie of that name, if exactly one was sent: of two, one may have been planted (RFC 6265 §5.4).
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let first = found.next()?;
    if found.next().is_some() { None } else { Some(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn se_02_cookies_are_host_only_secure_and_out_of_reach_of_script() {
        let cookies = Cookies::of("https://id.example.org");
        let set = cookies.set(cookies.session, "bs_1.x").unwrap();
        assert_eq!(set, "__Host-portcullis-session=bs_1.x; Path=/; HttpOnly; SameSite=Lax; Secure");
        let clear = cookies.clear(cookies.binding).unwrap();
        assert_eq!(clear, "__Host-portcullis-browser=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
        assert!(set.is_sensitive());
        let plain = Cookies::of("http://127.0.0.1:8080");
        assert_eq!(
            plain.set(plain.session, "x").unwrap(),
            "portcullis-session=x; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_not_there() {
        let sent = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            cookie(&headers, "a").map(str::to_owned)
        };
        assert_eq!(sent(&["b=2; a=1; aa=3"]).as_deref(), Some("1"));
        assert_eq!(sent(&["b=2", "a=1"]).as_deref(), Some("1"));
        assert_eq!(sent(&["a=1; a=2"]), None);
        assert_eq!(sent(&["a=1", "a=1"]), None);
        assert_eq!(sent(&["xa=1; a"]), None);
        assert_eq!(sent(&[]), None);
    }
}
